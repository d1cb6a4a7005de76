"""Every case of every service, in an order in which later ones may refer to earlier ones."""

import importlib
from typing import Final

from tests.integration.provider_cases.case import Case, Given

#: The modules with cases; adding a service is adding its name.
SERVICES: Final = (
    "iam",
    "sqs",
    "s3",
    "logs",
    "dynamodb",
    "ecr",
    "sns",
    "secretsmanager",
    "cognito",
    "codeartifact",
    "cloudtrail",
    "ec2_network",
    "ec2_guards",
    "ec2_instances",
    "rds",
    "awslambda",
    "lambda_images",
    "lambda_mappings",
    "sfn",
    "events",
    "cloudwatch",
    "ecs",
    "elbv2",
    "servicediscovery",
    "ecs_services",
    "appautoscaling",
    "autoscaling_targets",
    "apigateway",
    "api_domains",
    "wafv2",
)


def cases(services: tuple[str, ...] = SERVICES) -> tuple[Case, ...]:
    """The cases of some services."""
    found: list[Case] = []
    for service in services:
        found += importlib.import_module(f"tests.integration.provider_cases.{service}").CASES
    return tuple(found)


def given(services: tuple[str, ...] = SERVICES) -> tuple[Given, ...]:
    """What the cases of some services need to be there before."""
    found: list[Given] = []
    for service in services:
        found += getattr(importlib.import_module(f"tests.integration.provider_cases.{service}"), "GIVEN", ())
    return tuple(found)
