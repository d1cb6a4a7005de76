"""The two workflows (000 IO002, BE008; 001 §6): backtest with 12 states, retraining with 10, from ASL templates.

An execution's input is one request, the same for both:
`{run_id, job_id, trace_id, strategy, strategy_id, timeframe, timerange, pairs, experiment_name?, config_path?,
task_definition?}`, every value a string (`pairs` with commas, `timerange` as YYYYMMDD-YYYYMMDD), retraining's also
with `model_name`. Where the optional ones are left out, the first function fills in `defaults`: 002 §2.5's, and the
latest revision of the strategy task definition (a strategy may name another revision).

What the functions are given and answer (`whose` is `request` as it came in, and `execution_arn`):

- validate-strategy: `{request, defaults}` → `{valid, errors, request}`; check-retraining-needed: `whose`, `defaults` →
  `{needed, reason, request}`; the answered `request` is whole, and is what the task and later functions see. ECS takes
  at most 8192 characters of variables together, so what does not fit (`pairs`) is to be refused here;
- data-collection-proxy: `{request}`; raises where the data cannot be had, DataPendingError where it is on its way;
- update-status: `whose`, `status` (running, completed, failed, timed_out), `detail`; must bear being called twice;
- cleanup-resources: `whose`, `cluster_arn`, which must be its own; the task of a run is known by its variable JOB_ID;
- compare-models: `{request, task_arn}` → `{challenger_wins, verdict, reason, ...}`; promote-model: `{request,
  comparison}` → `{promoted, model_name, version, previous}`; both must bear being called twice;
- notify-completion: `whose`, `workflow`, `outcome` (completed, failed), `detail`; called as an event, so that a message
  that fails is Lambda's to repeat.

Must never have a state in Python: the templates hold them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.lambdas import LAMBDAS
from tradai_blueprints.tradai.config.services import STRATEGY_DEFAULTS
from tradai_blueprints.tradai.config.workflows import FROM_REQUEST, WORKFLOWS, Workflow
from tradai_blueprints.tradai.layers.compute.step_functions_rights import Reach, rights_of, trust_of
from tradai_iac.core.asl import AslTemplateLoader
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

TEMPLATES: Final = Path(__file__).with_name("asl_templates")
#: What a request may leave out.
_DEFAULTS: Final = {FROM_REQUEST[name]: value for name, value in STRATEGY_DEFAULTS.items() if name in FROM_REQUEST}
#: Given to a function beyond its own limit, for the start of its container.
_START_SECONDS: Final = 30


@dataclass(frozen=True, kw_only=True)
class WorkflowsArgs:
    """What the workflows work with.

    `function_arns` by the names of 002 §7; `family_arn` is the strategy task definition's ARN without its revision, of
    which the latest runs; `role_arns` are its execution and its task role. `capacity_provider` is the service's launch
    type (002 §2.2), `container` the name of the container that is given the variables.
    """

    naming: Naming
    account_id: str
    region: str
    log_retention_days: int
    function_arns: Mapping[str, pulumi.Input[str]]
    cluster_arn: pulumi.Input[str]
    family_arn: pulumi.Input[str]
    role_arns: Sequence[pulumi.Input[str]]
    capacity_provider: str
    container: str
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]
    status_table: pulumi.Input[str]
    results_bucket: pulumi.Input[str]
    arcticdb_bucket: pulumi.Input[str]
    mlflow_uri: pulumi.Input[str]


class Workflows(Component):
    """`machines` by the name of `config.workflows`, and what 001 §10 exports of them."""

    def __init__(self, name: str, args: WorkflowsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:Workflows", name, opts)
        self._args = args
        self._loader = AslTemplateLoader(TEMPLATES)
        self.machines = {row.name: self._machine(row) for row in WORKFLOWS}
        self.backtest_workflow_arn = self.machines["backtest"].arn
        self.backtest_workflow_name = self.machines["backtest"].name
        self.retraining_workflow_arn = self.machines["retraining"].arn
        self.retraining_workflow_name = self.machines["retraining"].name
        self.register_outputs({row: machine.arn for row, machine in self.machines.items()})

    def _machine(self, row: Workflow) -> aws.sfn.StateMachine:
        name = self._args.naming.name(row.component)
        role, policy = self._role(row, name)
        return aws.sfn.StateMachine(
            row.component,
            name=name,
            type="STANDARD",
            role_arn=role.arn,
            definition=self._definition(row),
            logging_configuration=self._logging(row),
            tracing_configuration=aws.sfn.StateMachineTracingConfigurationArgs(enabled=True),
            # AWS tries the rights to write the log when the machine is made.
            opts=self.child(depends_on=[policy]),
        )

    def _definition(self, row: Workflow) -> pulumi.Output[str]:
        values = pulumi.Output.from_input(values_of(row, self._args))
        return values.apply(lambda known: self._loader.render(row.template, **known))

    def _logging(self, row: Workflow) -> aws.sfn.StateMachineLoggingConfigurationArgs:
        """Every step, but no data: requests and answers stay in the history, which only its readers may see."""
        group = aws.cloudwatch.LogGroup(
            row.component,
            name=self._args.naming.vended_log_group("states", row.component),
            retention_in_days=self._args.log_retention_days,
            opts=self.child(),
        )
        return aws.sfn.StateMachineLoggingConfigurationArgs(
            level="ALL", include_execution_data=False, log_destination=pulumi.Output.concat(group.arn, ":*")
        )

    def _role(self, row: Workflow, machine: str) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        args = self._args
        name = args.naming.name(row.component, kind="iam-role")
        role = aws.iam.Role(
            row.component,
            name=name,
            description=f"What the {row.name} workflow acts as",
            assume_role_policy=trust_of(args.account_id, args.region, machine),
            opts=self.child(),
        )
        reach = Reach(
            account_id=args.account_id,
            region=args.region,
            function_arns=[args.function_arns[function] for function in row.functions],
            cluster_arn=args.cluster_arn,
            family_arn=args.family_arn,
            role_arns=args.role_arns,
        )
        policy = aws.iam.RolePolicy(row.component, name=name, role=role.id, policy=rights_of(reach), opts=self.child())
        return role, policy


def values_of(row: Workflow, args: WorkflowsArgs) -> dict[str, pulumi.Input[object]]:
    """What a template is rendered with; raises KeyError where a function of the workflow has no ARN."""
    limits = {function.name: function.timeout_seconds for function in LAMBDAS}
    return {
        "workflow": row.name,
        "timeout_seconds": row.timeout_seconds,
        "functions": {
            name: {"arn": args.function_arns[name], "timeout_seconds": limits[name] + _START_SECONDS}
            for name in row.functions
        },
        "defaults": {**_DEFAULTS, "task_definition": args.family_arn},
        "request_keys": [*FROM_REQUEST.values(), "task_definition"],
        "results_bucket": args.results_bucket,
        "task": {
            "cluster": args.cluster_arn,
            "capacity_provider": args.capacity_provider,
            "subnets": args.subnet_ids,
            "security_groups": [args.security_group_id],
            "container": args.container,
            "environment": _environment(row, args),
            "timeout_seconds": row.task_timeout_seconds,
        },
    }


def _environment(row: Workflow, args: WorkflowsArgs) -> list[dict[str, pulumi.Input[str]]]:
    """The variables of 002 §2.5 as a container override takes them, in the order of names."""
    fixed: dict[str, pulumi.Input[str]] = {
        "ARCTICDB_S3_URI": pulumi.Output.concat("s3://", args.arcticdb_bucket),
        "DYNAMODB_TABLE": args.status_table,
        "MLFLOW_TRACKING_URI": args.mlflow_uri,
        "S3_RESULTS_BUCKET": args.results_bucket,
        "TRADING_MODE": row.trading_mode,
    }
    dynamic: dict[str, pulumi.Input[str]] = {name: f"$.request.{key}" for name, key in FROM_REQUEST.items()}
    entries = [(name, "Value", value) for name, value in fixed.items()]
    entries += [(name, "Value.$", path) for name, path in dynamic.items()]
    return [{"Name": name, key: value} for name, key, value in sorted(entries, key=lambda entry: entry[0])]
