"""Repairs of single operations of services that moto has: a module is a service, a repair a small function.

A repair makes moto answer as AWS documents it; it must never make an answer fit what the provider sends.
"""

from tradai_sandbox.moto_ext.gaps import (
    api_domains,
    apigatewayv2,
    autoscaling,
    awslambda,
    cloudtrail,
    cloudwatch,
    cognito,
    ec2,
    ec2_filters,
    ecr,
    ecs,
    ecs_definitions,
    ecs_tasks,
    events,
    iam,
    lambda_images,
    lambda_invocations,
    lambda_mappings,
    lambda_networks,
    lambda_queues,
    launch_images,
    launch_templates,
    launches,
    logs,
    rds,
    s3,
    scaling,
    scaling_alarms,
    servicediscovery,
    servicequotas,
    sqs,
    stepfunctions,
    stepfunctions_tasks,
    wafv2,
)

REPAIRS = (
    api_domains.repair,
    apigatewayv2.repair,
    autoscaling.repair,
    awslambda.repair,
    cloudtrail.repair,
    cloudwatch.repair,
    cognito.repair,
    ec2.repair,
    ec2_filters.repair,
    ecr.repair,
    ecs.repair,
    ecs_definitions.repair,
    ecs_tasks.repair,
    events.repair,
    iam.repair,
    lambda_images.repair,
    lambda_invocations.repair,
    lambda_mappings.repair,
    lambda_networks.repair,
    lambda_queues.repair,
    launch_images.repair,
    launch_templates.repair,
    launches.repair,
    logs.repair,
    rds.repair,
    s3.repair,
    scaling.repair,
    scaling_alarms.repair,
    servicediscovery.repair,
    servicequotas.repair,
    sqs.repair,
    stepfunctions.repair,
    stepfunctions_tasks.repair,
    wafv2.repair,
)


def apply() -> None:
    """Repair moto in this process; call it once, before the server takes its first request."""
    for repair in REPAIRS:
        repair()
