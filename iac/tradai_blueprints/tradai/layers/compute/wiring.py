"""What the workloads of this environment can be given: addresses, names and ARNs, by the names of `config.needs`.

`environment_of` and `grant` turn a row's needs into variables and rights. Must never grant or name anything that a
row does not need.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi

from tradai_blueprints.tradai.config.needs import Needs
from tradai_iac.core.environment import EnvironmentBuilder
from tradai_iac.core.policy import PolicyBuilder

Names = Mapping[str, pulumi.Input[str]]
Exported = pulumi.Output[Mapping[str, str]]

#: Task definitions of strategies are called so (002 §2.4 ECS_TASK_PREFIX).
TASK_PREFIX: Final = "strategy-"
#: Calls that read through a table or an index.
_MANY: Final = ("Query", "Scan")
#: Where MLflow answers below its address (002 §2.5).
_MLFLOW_PATH: Final = "/mlflow"


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """How strategy tasks are started: cluster, definition, the roles that are handed on, network.

    `family_arn` is the definition's ARN without its revision.
    """

    cluster_arn: pulumi.Input[str]
    definition_arn: pulumi.Input[str]
    family_arn: pulumi.Input[str]
    role_arns: Sequence[pulumi.Input[str]]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Database:
    """The PostgreSQL instance: `host:port`, database, the secret that RDS keeps."""

    endpoint: pulumi.Input[str]
    name: pulumi.Input[str]
    secret_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Everything by name; `services` are base addresses. `functions` and `workflows` come to be on the way:
    `dataclasses.replace` adds them. A name that is not there raises KeyError.
    """

    environment: str
    bucket_ids: Exported
    bucket_arns: Exported
    table_names: Exported
    table_arns: Exported
    secret_arns: Exported
    services: Names
    queue_urls: Names
    queue_arns: Names
    topic_arns: Names
    database: Database
    tasks: Tasks
    state_bucket: str | None
    functions: Names = field(default_factory=dict)
    workflows: Names = field(default_factory=dict)

    @property
    def mlflow_uri(self) -> pulumi.Output[str]:
        """Where MLflow answers (002 §2.5 MLFLOW_TRACKING_URI)."""
        return pulumi.Output.concat(self.services["mlflow"], _MLFLOW_PATH)


def environment_of(needs: Needs, wiring: Wiring) -> EnvironmentBuilder:
    """The variables of a workload (names: 002 §2.4, §2.5; by the same pattern where those are silent)."""
    builder = EnvironmentBuilder().add("ENVIRONMENT", wiring.environment)
    for variables in (_stores, _messages, _callees, _tasks):
        builder.add_all(variables(needs, wiring))
    return builder


def _stores(needs: Needs, wiring: Wiring) -> Names:
    variables: dict[str, pulumi.Input[str]] = {
        **{f"{_upper(t)}_TABLE": wiring.table_names[t] for t in needs.tables},
        **{f"S3_{_upper(b)}_BUCKET": wiring.bucket_ids[b] for b in needs.buckets},
        **{f"{_upper(s)}_SECRET_ARN": wiring.secret_arns[s] for s in needs.secrets},
    }
    if "arcticdb" in needs.buckets:
        variables["ARCTICDB_S3_URI"] = pulumi.Output.concat("s3://", wiring.bucket_ids["arcticdb"])
    if needs.database:
        database = wiring.database
        variables |= {
            "RDS_ENDPOINT": database.endpoint,
            "RDS_DATABASE": database.name,
            "RDS_SECRET_ARN": database.secret_arn,
        }
    if needs.reads_state and wiring.state_bucket:
        variables["PULUMI_STATE_BUCKET"] = wiring.state_bucket
    return variables


def _messages(needs: Needs, wiring: Wiring) -> Names:
    queues = {*needs.sends, *needs.consumes}
    return {
        **{f"{_upper(q)}_QUEUE_URL": wiring.queue_urls[q] for q in sorted(queues)},
        **{f"SNS_{_upper(t)}_TOPIC_ARN": wiring.topic_arns[t] for t in needs.topics},
    }


def _callees(needs: Needs, wiring: Wiring) -> Names:
    variables: dict[str, pulumi.Input[str]] = {
        f"{_upper(s)}_URL": wiring.services[s] for s in needs.services if s != "mlflow"
    }
    if "mlflow" in needs.services:
        variables["MLFLOW_TRACKING_URI"] = wiring.mlflow_uri
    variables |= {f"{_upper(f)}_FUNCTION_ARN": wiring.functions[f] for f in needs.functions}
    if needs.workflows:
        variables["STEP_FUNCTIONS_ARN"] = wiring.workflows[needs.workflows[0]]
    return variables | {f"{_upper(w)}_WORKFLOW_ARN": wiring.workflows[w] for w in needs.follows}


def _tasks(needs: Needs, wiring: Wiring) -> Names:
    """Whoever only looks at tasks, or stops them, is told the cluster alone."""
    tasks = wiring.tasks
    if "RunTask" not in needs.task_calls:
        return {"ECS_CLUSTER": tasks.cluster_arn} if needs.task_calls else {}
    return {
        "ECS_TASK_PREFIX": TASK_PREFIX,
        "ECS_TASK_DEFINITION": tasks.definition_arn,
        **where_tasks_run(tasks),
    }


def where_tasks_run(tasks: Tasks) -> Names:
    """The variables of cluster and network (002 §2.4)."""
    return {
        "ECS_CLUSTER": tasks.cluster_arn,
        "ECS_SUBNETS": pulumi.Output.all(tasks.subnet_ids).apply(lambda known: ",".join(known[0])),
        "ECS_SECURITY_GROUPS": tasks.security_group_id,
    }


def grant(builder: PolicyBuilder, needs: Needs, wiring: Wiring) -> PolicyBuilder:
    """Adds to a policy what a workload's needs take, each right bound to the ARNs of that very thing."""
    presets: Mapping[str, Sequence[pulumi.Input[str]]] = {
        "dynamodb_crud": [] if isinstance(needs.tables, Mapping) else [wiring.table_arns[t] for t in needs.tables],
        "s3_readwrite": [] if isinstance(needs.buckets, Mapping) else [wiring.bucket_arns[b] for b in needs.buckets],
        "secret_value": [
            *(wiring.secret_arns[s] for s in needs.secrets),
            *([wiring.database.secret_arn] if needs.database else []),
        ],
        "sqs_send": [wiring.queue_arns[q] for q in needs.sends],
        "sqs_consume": [wiring.queue_arns[q] for q in needs.consumes],
        "sns_publish": [wiring.topic_arns[t] for t in needs.topics],
    }
    for preset, arns in presets.items():
        if arns:
            builder.preset(preset, arns)
    for more in (_may_use_items, _may_use_objects, _may_start, _may_run_tasks):
        more(builder, needs, wiring)
    return builder


def _may_use_items(builder: PolicyBuilder, needs: Needs, wiring: Wiring) -> None:
    """The calls that a row names, table by table; what is found by an index is asked of the index."""
    for table, calls in needs.tables.items() if isinstance(needs.tables, Mapping) else ():
        arn = wiring.table_arns[table]
        single = [call for call in calls if call not in _MANY]
        many = [call for call in calls if call in _MANY]
        if single:
            builder.allow([f"dynamodb:{call}" for call in single], [arn])
        if many:
            builder.allow([f"dynamodb:{call}" for call in many], [arn, pulumi.Output.concat(arn, "/index/*")])


def _may_use_objects(builder: PolicyBuilder, needs: Needs, wiring: Wiring) -> None:
    """The calls that a row names, bucket by bucket."""
    for bucket, calls in needs.buckets.items() if isinstance(needs.buckets, Mapping) else ():
        arn = wiring.bucket_arns[bucket]
        objects = [f"s3:{call}" for call in calls if call != "ListBucket"]
        if objects:
            builder.allow(objects, [pulumi.Output.concat(arn, "/*")])
        if "ListBucket" in calls:
            builder.allow(["s3:ListBucket"], [arn])


def _may_start(builder: PolicyBuilder, needs: Needs, wiring: Wiring) -> None:
    if needs.functions:
        builder.allow(["lambda:InvokeFunction"], [wiring.functions[f] for f in needs.functions])
    if needs.workflows:
        builder.allow(["states:StartExecution"], [wiring.workflows[w] for w in needs.workflows])
    if needs.follows:
        builder.allow(["states:DescribeExecution"], [executions_of(wiring.workflows[w]) for w in needs.follows])


def executions_of(workflow_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """ARN of all executions of a workflow."""
    return pulumi.Output.from_input(workflow_arn).apply(
        lambda arn: f"{arn.replace(':stateMachine:', ':execution:', 1)}:*"
    )


def _may_run_tasks(builder: PolicyBuilder, needs: Needs, wiring: Wiring) -> None:
    """Start, look at and stop the tasks of this cluster alone; hand on the roles of those tasks alone."""
    tasks, calls = wiring.tasks, needs.task_calls
    here = {"ArnEquals": {"ecs:cluster": tasks.cluster_arn}}
    if standing := [f"ecs:{call}" for call in calls if call != "RunTask"]:
        builder.allow(standing, ["*"], conditions=here)
    if "RunTask" not in calls:
        return
    revisions = [tasks.family_arn, pulumi.Output.concat(tasks.family_arn, ":*")]
    builder.allow(["ecs:RunTask"], revisions, conditions=here)
    builder.allow(
        ["iam:PassRole"],
        list(tasks.role_arns),
        conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    )


def merged(rows: Iterable[Needs]) -> Needs:
    """What several workloads on one machine need together; one role has it all, so that calls are not told apart."""
    together: dict[str, Any] = {}
    for row in rows:
        for need, value in row:
            known = together.get(need)
            names = value if isinstance(value, bool) else tuple(value)
            together[need] = names if not known else known or names if isinstance(names, bool) else (*known, *names)
    return Needs(**{n: v if isinstance(v, bool) else tuple(dict.fromkeys(v)) for n, v in together.items()})


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")
