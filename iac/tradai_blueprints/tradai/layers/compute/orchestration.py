"""The functions and the workflows, in the one order in which each can be told of the others (001 §6 "deferred").

Functions, then the workflows that call them, then the functions that start a workflow. Must never make a service.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tradai_blueprints.tradai.config.lambdas import LambdaFunction
from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.compute import ComputeInputs
from tradai_blueprints.tradai.layers.compute.fleet import desired_counts
from tradai_blueprints.tradai.layers.compute.ground import STRATEGY
from tradai_blueprints.tradai.layers.compute.lambda_funcs import LambdaFunctions, LambdaFunctionsArgs, in_two
from tradai_blueprints.tradai.layers.compute.step_functions import Workflows, WorkflowsArgs
from tradai_blueprints.tradai.layers.compute.wiring import Wiring


@dataclass(frozen=True)
class Orchestration:
    """The workflows, and the wiring with all functions and workflows in it."""

    workflows: Workflows
    wiring: Wiring


def orchestration(config: ComputeConfig, context: Context, inputs: ComputeInputs, wiring: Wiring) -> Orchestration:
    """Declare them; raises KeyError, naming the function, where an image is missing."""
    first, deferred = in_two(context.settings.lambdas)
    called = LambdaFunctions("functions", functions_args(config, context, inputs, wiring, first)).arns
    wiring = replace(wiring, functions=called)
    workflows = Workflows("workflows", _workflows_args(context, wiring))
    wiring = replace(wiring, workflows={name: machine.arn for name, machine in workflows.machines.items()})
    starting = LambdaFunctions("deferred", functions_args(config, context, inputs, wiring, deferred)).arns
    return Orchestration(workflows, replace(wiring, functions={**called, **starting}))


def functions_args(
    config: ComputeConfig, context: Context, inputs: ComputeInputs, wiring: Wiring, rows: Sequence[LambdaFunction]
) -> LambdaFunctionsArgs:
    """What functions are made of, given the rows and what they may be told of so far."""
    return LambdaFunctionsArgs(
        naming=context.naming,
        account_id=context.account_id,
        region=context.region,
        wiring=wiring,
        repositories=inputs.persistent.ecr_repository_urls,
        images=context.images,
        subnet_ids=inputs.foundation.private_subnet_ids,
        security_group_id=inputs.foundation.lambda_security_group_id,
        launch_mode=config.launch_mode,
        standing=[name for name, count in desired_counts(config, context.settings).items() if count],
        drift_runner=config.drift_runner,
        retention_days=context.settings.stage.log_retention_days,
        rows=rows,
        schedules=config.schedules,
    )


def _workflows_args(context: Context, wiring: Wiring) -> WorkflowsArgs:
    strategy, tasks = context.settings.service(STRATEGY), wiring.tasks
    return WorkflowsArgs(
        naming=context.naming,
        account_id=context.account_id,
        region=context.region,
        log_retention_days=context.settings.stage.log_retention_days,
        function_arns=wiring.functions,
        cluster_arn=tasks.cluster_arn,
        family_arn=tasks.family_arn,
        role_arns=tasks.role_arns,
        capacity_provider=strategy.launch_type,
        container=strategy.name,
        subnet_ids=tasks.subnet_ids,
        security_group_id=tasks.security_group_id,
        status_table=wiring.table_names["workflow-state"],
        results_bucket=wiring.bucket_ids["results"],
        arcticdb_bucket=wiring.bucket_ids["arcticdb"],
        mlflow_uri=wiring.mlflow_uri,
    )
