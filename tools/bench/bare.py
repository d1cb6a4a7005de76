"""One layer on the Automation API alone: what a careful person's script does, and what `just bench` compares with.

Must never import the runner, the operator or the command line.
"""

import importlib
import json
import os
import sys
import time
from dataclasses import fields
from typing import Any, get_type_hints

import pulumi
from pulumi import automation as auto

from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BLUEPRINTS
from tradai_iac.context import Context
from tradai_iac.core.tagging import register_tagging
from tradai_iac.naming import Naming

ACCOUNT, REGION = "123456789012", "eu-central-1"
SECRETS = ("database-url", "mlflow-credentials", "binance-api", "jwt-secret")
SERVICES = (
    "apigatewayv2", "autoscaling", "cloudtrail", "cloudwatch", "codeartifact", "cognitoidp", "dynamodb", "ec2", "ecr",
    "ecs", "elbv2", "events", "iam", "lambda", "logs", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts",
)  # fmt: skip


def program(blueprint: Blueprint, name: str, env: str) -> None:
    """The stack program of one layer, wired by hand."""
    layer, naming = blueprint.layer(name), Naming(blueprint.project, env)
    values = {key: pulumi.Output.secret("benchmark") for key in SECRETS} if name == "foundation" else {}
    bucket, images = naming.name("pulumi-state", kind="s3-bucket"), json.loads(os.environ.get("IMAGES", "{}"))
    context = Context(env, ACCOUNT, REGION, naming, blueprint.settings(env), values, bucket, images)
    register_tagging(context)
    upstreams: dict[str, Any] = {}
    for upstream, contract in get_type_hints(layer.inputs).items():
        stack = pulumi.StackReference(f"organization/{blueprint.stack_project(upstream)}/{env}")
        upstreams[upstream] = contract(**{field.name: stack.get_output(field.name) for field in fields(contract)})
    module = importlib.import_module(f"{blueprint.layer_package(name)}.program")
    outputs = module.program(layer.config(), context, layer.inputs(**upstreams))
    for field in fields(layer.outputs):
        pulumi.export(field.name, getattr(outputs, field.name))


def main(system: str, name: str, env: str) -> None:
    """Brings one layer of a system up and prints what it took."""
    began, endpoint, blueprint = time.time(), os.environ["AWS_ENDPOINT_URL"], BLUEPRINTS[system]
    stack = auto.create_or_select_stack(env, blueprint.stack_project(name), lambda: program(blueprint, name, env))
    endpoints = [dict.fromkeys(SERVICES, endpoint)]
    config = {"aws:region": REGION, "aws:s3UsePathStyle": "true", "aws:endpoints": json.dumps(endpoints)}
    stack.set_all_config({key: auto.ConfigValue(value) for key, value in config.items()})
    result = stack.up(color="never")
    print(json.dumps({"layer": name, "seconds": time.time() - began, "changes": result.summary.resource_changes}))


main(*sys.argv[1:])
