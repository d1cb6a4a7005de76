"""Repairs of single operations of services that moto has: a module is a service, a repair a small function.

A repair makes moto answer as AWS documents it; it must never make an answer fit what the provider sends.
"""

from tradai_sandbox.moto_ext.gaps import (
    apigatewayv2,
    autoscaling,
    awslambda,
    cognito,
    ec2,
    ec2_filters,
    events,
    launch_images,
    launch_templates,
    launches,
    rds,
    s3,
)

REPAIRS = (
    apigatewayv2.repair,
    autoscaling.repair,
    awslambda.repair,
    cognito.repair,
    ec2.repair,
    ec2_filters.repair,
    events.repair,
    launch_images.repair,
    launch_templates.repair,
    launches.repair,
    rds.repair,
    s3.repair,
)


def apply() -> None:
    """Repair moto in this process; call it once, before the server takes its first request."""
    for repair in REPAIRS:
        repair()
