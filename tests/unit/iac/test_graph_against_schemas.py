"""The graph of every environment held against AWS's own schemas: patterns, lengths, choices and numbers.

Ids and ARNs are in AWS's form here, so that what refers to another resource is judged as well.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from tests.facts.bounds import Fault, Unplaced, faults
from tests.facts.names import NAMES, NOWHERE
from tests.facts.schemas import schemas
from tests.unit.iac.pulumi_mocks import ACCOUNT, REGION, Recorded
from tests.unit.iac.whole_graph import ENVIRONMENTS, VARIANTS
from tools.facts.types import TYPES
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.ids import as_aws, readable
from tradai_iac.rendering import render

GRAPHS = [*((environment, "") for environment in ENVIRONMENTS), *(("prod", variant) for variant in VARIANTS)]


@cache
def honest(environment: str, variant: str) -> tuple[Recorded, ...]:
    """Every resource of AWS in that environment, with ids in AWS's form."""
    told = VARIANTS[variant] if variant else {}
    configs = {layer: TRADAI.layer(layer).config.model_validate(config) for layer, config in told.items()}
    bucket = f"tradai-pulumi-state-{environment}"
    runs = render(TRADAI, environment, REGION, configs, bucket, ids=as_aws)
    return tuple(each for run in runs.values() for each in run if each.type.startswith("aws:"))


def found(type_: str, inputs: Mapping[str, Any]) -> list[Fault | Unplaced]:
    return list(faults(type_, inputs, schemas()[TYPES[type_]]))


@pytest.mark.parametrize(("environment", "variant"), GRAPHS, ids=[" ".join(each).strip() for each in GRAPHS])
def test_everything_is_within_the_bounds_of_its_schema(environment: str, variant: str) -> None:
    graph = [each for each in honest(environment, variant) if each.type in TYPES]
    assert len(graph) > 300
    assert [f"{each.type} {each.name} {fault}" for each in graph for fault in found(each.type, each.inputs)] == []


def test_every_row_about_a_name_is_of_a_property_that_a_program_sets() -> None:
    seen: dict[str, set[str]] = {}
    for each in (each for graph in GRAPHS for each in honest(*graph)):
        seen.setdefault(each.type, set()).update(_paths(each.inputs))
    told = {(type_, path) for table in (NAMES, NOWHERE) for type_, rows in table.items() for path in rows}
    assert sorted((type_, path) for type_, path in told if path not in seen.get(type_, ())) == []


def _paths(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            inner = f"{at}/{name}" if at else name
            yield inner
            yield from _paths(each, inner)
    elif isinstance(value, list):
        for each in value:
            yield from _paths(each, at)


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("aws:s3/bucketPolicy:BucketPolicy", {"colour": "blue"}, "colour has no place"),
    ("aws:iam/role:Role", {"name": "a role"}, "name: 'a role' does not match"),
    ("aws:iam/role:Role", {"name": "x" * 65}, "name: 65 characters are more than 64"),
    ("aws:iam/role:Role", {"description": "“quoted”"}, "description: .* does not match"),
    ("aws:ec2/subnet:Subnet", {"vpcId": "vpc-id"}, "vpcId: 'vpc-id' does not match"),
    ("aws:ec2/subnet:Subnet", {"cidrBlock": "10.0.0.1/8"}, "cidrBlock: '10.0.0.1/8' is no network"),
    ("aws:lambda/function:Function", {"memorySize": 64}, "memorySize: 64 is not from 128"),
    ("aws:lambda/function:Function", {"role": "role"}, "role: 'role' does not match"),
    ("aws:lambda/function:Function", {"vpcConfig": {"subnetIds": ["private-1-id"]}}, "vpcConfig/subnetIds: "),
    ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 31}, "retentionInDays: 31 is none of 1, 3, 5"),
    ("aws:cloudwatch/eventTarget:EventTarget", {"targetId": "x" * 65}, "targetId: 65 characters are more than 64"),
    ("aws:cognito/userPool:UserPool", {"passwordPolicy": {"minimumLength": 5}}, "minimumLength: 5 is not from 6"),
    ("aws:s3/bucket:Bucket", {"bucket": "tradai-Configs-dev"}, "bucket: 'tradai-Configs-dev' does not match"),
    ("aws:sqs/queue:Queue", {"visibilityTimeoutSeconds": 50000.0}, "50000 is not from 0 to 43200"),
    ("aws:wafv2/webAcl:WebAcl", {"rules": [{"name": "a rule"}]}, "rules/name: 'a rule' does not match"),
    ("aws:lb/targetGroup:TargetGroup", {"healthCheck": {"timeout": 1}}, "healthCheck/timeout: 1 is not from 2"),
]


@pytest.mark.parametrize(("type_", "inputs", "said"), WRONG, ids=[f"{t.split(':')[-1]}-{s[:25]}" for t, _, s in WRONG])
def test_what_is_out_of_bounds_is_found(type_: str, inputs: dict[str, Any], said: str) -> None:
    told = [str(fault) for fault in found(type_, inputs)]
    assert [each for each in told if re.search(said, each)], told


def test_ids_are_the_same_each_time_and_differ_by_type_and_name() -> None:
    vpc, subnet = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
    made = [as_aws(type_, name, {}, ACCOUNT, REGION) for type_ in (vpc, subnet) for name in "ab"]
    assert len(set(made)) == 4
    assert made == [as_aws(type_, name, {}, ACCOUNT, REGION) for type_ in (vpc, subnet) for name in "ab"]
    assert readable(vpc, "a", {}, ACCOUNT, REGION) == "a-id"
    assert as_aws("aws:s3/bucket:Bucket", "a", {"bucket": "b"}, ACCOUNT, REGION) == "b"
