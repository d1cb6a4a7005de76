"""What makes a new resource in the sandbox, held against what AWS's own schemas say can never change in place.

Where the two differ, a row of a table says why: CloudFormation and the official provider go about some changes in
different ways, and the sandbox goes as the provider does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import pytest

from tests.facts.names import NAMES
from tests.facts.schemas import Schema, place, schemas
from tools.facts.types import TYPES
from tradai_sandbox.provider.row import Row
from tradai_sandbox.provider.table import rows

_NO_CALL: Final = (
    "the provider has no call that changes it, or makes none; CloudFormation changes it or has it elsewhere"
)
_NAMES_IT: Final = "is what the provider knows it by; in the schema it is a part of something larger"
_IN_PLACE: Final = "the provider changes it in place, by {}, which CloudFormation does not call"
_REFUSED: Final = "AWS takes no change of it once it stands"

#: Type and property → why it makes a new resource although the schema does not say so.
OURS_ALONE: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:apigatewayv2/apiMapping:ApiMapping": {"apiId": _NO_CALL},
    "aws:apigatewayv2/integration:Integration": {"integrationSubtype": _NO_CALL, "integrationType": _NO_CALL},
    "aws:appautoscaling/target:Target": {"roleArn": _NO_CALL},
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {"actionsEnabled": _NO_CALL},
    "aws:cloudwatch/eventTarget:EventTarget": {"targetId": _NAMES_IT},
    "aws:cloudwatch/logGroup:LogGroup": {"logGroupClass": _REFUSED},
    "aws:cognito/userPool:UserPool": {
        "aliasAttributes": _REFUSED,
        "name": _NO_CALL,
        "usernameAttributes": _REFUSED,
        "usernameConfiguration": _REFUSED,
    },
    "aws:dynamodb/table:Table": {"hashKey": _REFUSED, "localSecondaryIndexes": _REFUSED, "rangeKey": _REFUSED},
    "aws:ec2/eip:Eip": {"domain": _NO_CALL},
    "aws:ec2/flowLog:FlowLog": {"eniId": _REFUSED, "subnetId": _REFUSED},
    "aws:ec2/networkAclRule:NetworkAclRule": {
        "cidrBlock": _NO_CALL,
        "fromPort": _NO_CALL,
        "ipv6CidrBlock": _NO_CALL,
        "protocol": _NO_CALL,
        "ruleAction": _NO_CALL,
        "toPort": _NO_CALL,
    },
    "aws:ecs/service:Service": {"capacityProviderStrategies": "unless a deployment is forced, as the provider has it"},
    "aws:lambda/permission:Permission": {"statementId": _NAMES_IT},
    "aws:s3/bucket:Bucket": {"objectLockEnabled": _NO_CALL},
    "aws:servicediscovery/service:Service": {"dnsConfig": "unless just a time to live changes"},
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {"logDestinationConfigs": _NO_CALL},
}
#: Where a property of Pulumi's has its place under another name, beside those that programs set (`tests.facts.names`).
_PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:lb/loadBalancer:LoadBalancer": {"internal": "Scheme"},
    "aws:sns/topicSubscription:TopicSubscription": {"topic": "TopicArn"},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"prefixListId": "DestinationPrefixListId"},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"prefixListId": "SourcePrefixListId"},
}
#: Type and property → why it is changed in place although the schema says that it never is.
_RULES: Final = _IN_PLACE.format("ModifySecurityGroupRules")
SCHEMAS_ALONE: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {
        "routeTableId": _IN_PLACE.format("ReplaceRouteTableAssociation")
    },
    "aws:rds/instance:Instance": {
        "dbSubnetGroupName": _IN_PLACE.format("ModifyDBInstance with the group"),
        "identifier": _IN_PLACE.format("ModifyDBInstance with a new identifier"),
    },
    **{
        f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule": dict.fromkeys(
            ("fromPort", "ipProtocol", "toPort"), _RULES
        )
        for way in ("Egress", "Ingress")
    },
}


def _spelled(row: Row, schema: Schema) -> Iterator[tuple[str, str]]:
    """Each input of a row that has a place in the schema, and that place."""
    known = schema.named(schema.shape)
    for prop in row.inputs:
        told = {**NAMES.get(row.token, {}), **_PLACES.get(row.token, {})}
        found = told.get(prop.name) or place(row.token, prop.name, known)
        if found:
            yield prop.name, found


def _replacing(row: Row) -> set[str]:
    return {prop.name for prop in row.inputs if prop.replace}


def _for_good(row: Row, schema: Schema) -> set[str]:
    return {name for name, place_ in _spelled(row, schema) if place_ in schema.for_good}


def _sometimes(row: Row, schema: Schema) -> set[str]:
    return {name for name, place_ in _spelled(row, schema) if place_ in schema.sometimes}


def ours_alone(row: Row, schema: Schema) -> set[str]:
    """What the row replaces for, and the schema never does."""
    return _replacing(row) - _for_good(row, schema) - _sometimes(row, schema)


def schemas_alone(row: Row, schema: Schema) -> set[str]:
    """What the schema replaces for in any case, and the row does not."""
    return _for_good(row, schema) - _replacing(row)


HELD: Final = [(row, schemas()[TYPES[row.token]]) for row in rows().values() if row.token in TYPES]
each_row = pytest.mark.parametrize(("row", "schema"), HELD, ids=[row.token for row, _ in HELD])


@each_row
def test_what_replaces_is_what_the_schema_says_or_has_its_reason(row: Row, schema: Schema) -> None:
    assert ours_alone(row, schema) == set(OURS_ALONE.get(row.token, {}))


@each_row
def test_what_never_changes_by_the_schema_replaces_or_has_its_reason(row: Row, schema: Schema) -> None:
    assert schemas_alone(row, schema) == set(SCHEMAS_ALONE.get(row.token, {}))


def test_every_reason_is_about_a_row_that_is_held() -> None:
    assert OURS_ALONE.keys() | SCHEMAS_ALONE.keys() <= {row.token for row, _ in HELD}
    assert {row.token for row, _ in HELD} == TYPES.keys()


@pytest.mark.parametrize(
    ("token", "name", "found"),
    [
        ("aws:sqs/queue:Queue", "name", schemas_alone),
        ("aws:lambda/function:Function", "packageType", schemas_alone),
        ("aws:sqs/queue:Queue", "visibilityTimeoutSeconds", ours_alone),
        ("aws:s3/bucket:Bucket", "forceDestroy", ours_alone),
    ],
)
def test_a_row_that_says_the_contrary_is_found(token: str, name: str, found: Callable[[Row, Schema], set[str]]) -> None:
    row, schema = rows()[token], schemas()[TYPES[token]]
    contrary = tuple(replace(p, replace=not p.replace) if p.name == name else p for p in row.props)
    assert name not in found(row, schema)
    assert name in found(replace(row, props=contrary), schema)
