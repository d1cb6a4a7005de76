"""The compute stack, put together: what everything stands on, functions and workflows, services (001 §6).

Must never create a resource of its own: the modules do.
"""

from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.context import Context
from tradai_blueprints.tradai.contracts.compute import ComputeInputs, ComputeOutputs
from tradai_blueprints.tradai.layers.compute.ec2_consolidated import Consolidated
from tradai_blueprints.tradai.layers.compute.fleet import Fleet, fleet
from tradai_blueprints.tradai.layers.compute.ground import STRATEGY, Ground, ground, wiring_of
from tradai_blueprints.tradai.layers.compute.iam_ci import CliCi, CliCiArgs
from tradai_blueprints.tradai.layers.compute.machine import machine
from tradai_blueprints.tradai.layers.compute.orchestration import Orchestration, orchestration


def program(config: ComputeConfig, context: Context, inputs: ComputeInputs) -> ComputeOutputs:
    """Builds the layer; with `skip_alb` what the load balancer would export is None, or empty.

    Raises KeyError, naming it, for an image that is missing, and ValueError for a configuration that the environment
    does not allow.
    """
    made = ground(config, context, inputs)
    parts = orchestration(config, context, inputs, wiring_of(context, inputs, made))
    ships = CliCi("cli-ci", _cli_ci_args(config, context, inputs, made, parts))
    tasks = fleet(config, context, inputs, made, parts.wiring)
    instance = machine(config, context, inputs, made, parts.wiring)
    return _outputs(config, made, parts, ships, tasks, instance)


def _cli_ci_args(
    config: ComputeConfig, context: Context, inputs: ComputeInputs, made: Ground, parts: Orchestration
) -> CliCiArgs:
    return CliCiArgs(
        naming=context.naming,
        account_id=context.account_id,
        region=context.region,
        principals=config.ci_principals,
        repository_arns=inputs.persistent.ecr_repository_arns,
        function_arns=list(parts.wiring.functions.values()),
        cluster_arn=made.ecs.cluster.arn,
        cluster_name=made.ecs.cluster.name,
        workflow_arn=parts.workflows.backtest_workflow_arn,
        workflow_name=parts.workflows.backtest_workflow_name,
        configs_bucket_arn=parts.wiring.bucket_arns["configs"],
    )


def _outputs(
    config: ComputeConfig,
    made: Ground,
    parts: Orchestration,
    ships: CliCi,
    tasks: Fleet,
    instance: Consolidated | None,
) -> ComputeOutputs:
    alb, workflows = made.alb, parts.workflows
    return ComputeOutputs(
        ecs_cluster_arn=made.ecs.cluster.arn,
        ecs_cluster_name=made.ecs.cluster.name,
        ecs_execution_role_arn=made.iam.execution_role.arn,
        ecs_task_role_arn=made.iam.task_role_arns[STRATEGY],
        ecs_task_role_arns=made.iam.task_role_arns,
        cli_ci_role_arn=ships.role.arn,
        strategy_task_definition_arn=tasks.definitions.arns[STRATEGY],
        ecs_task_definition_arns=tasks.definitions.arns,
        ecs_service_arns=tasks.services.arns,
        service_discovery_namespace_id=made.discovery.namespace.id,
        lambda_function_arns=parts.wiring.functions,
        backtest_workflow_arn=workflows.backtest_workflow_arn,
        backtest_workflow_name=workflows.backtest_workflow_name,
        retraining_workflow_arn=workflows.retraining_workflow_arn,
        retraining_workflow_name=workflows.retraining_workflow_name,
        consolidated_asg_name=instance.group.name if instance else None,
        consolidated_instance_role_arn=instance.role.arn if instance else None,
        alb_arn=alb.load_balancer.arn if alb else None,
        alb_dns_name=alb.load_balancer.dns_name if alb else None,
        alb_http_listener_arn=alb.http_listener.arn if alb else None,
        alb_https_listener_arn=alb.https_listener_arn if alb else None,
        alb_server_name=config.certificate_host if alb else None,
        target_group_arns=alb.target_group_arns if alb else {},
    )
