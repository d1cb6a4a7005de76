"""What holds for every resource of every layer in every environment (002 §9, §10; DESIGN's stack programs)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.unit.iac.whole_graph import ENVIRONMENTS, Placed, graph, layer_run, of_type, taggable

REQUIRED_TAGS = {
    "Application": "tradai",
    "ManagedBy": "pulumi",
    "CostCenter": "trading-platform",
    "Owner": "platform-team",
}

#: Which input names a resource, where it is not `name`.
NAME_INPUTS = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:rds/instance:Instance": "identifier",
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:codeartifact/domain:Domain": "domain",
    "aws:codeartifact/repository:Repository": "repository",
}

#: Types whose `name` means something within their parent alone: a stage of an API, a policy of a role, a host name.
NAMED_WITHIN = {
    "aws:apigatewayv2/stage:Stage",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:servicediscovery/service:Service",
}

#: The longest name that AWS takes.
LIMITS = {
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:s3/bucket:Bucket": 63,
    "aws:rds/instance:Instance": 63,
    "aws:iam/role:Role": 64,
    "aws:lambda/function:Function": 64,
    "aws:cloudwatch/eventRule:EventRule": 64,
    "aws:sqs/queue:Queue": 80,
    "aws:codeartifact/domain:Domain": 50,
    "aws:apigatewayv2/api:Api": 128,
    "aws:ecr/repository:Repository": 256,
    "aws:dynamodb/table:Table": 255,
    "aws:cloudwatch/logGroup:LogGroup": 512,
}

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def tags_of(placed: Placed) -> dict[str, str]:
    tags = placed.resource.inputs.get("tags") or {}
    return {tag["key"]: tag["value"] for tag in tags} if isinstance(tags, list) else dict(tags)


def names(environment: str) -> Iterator[tuple[Placed, str]]:
    for placed in graph(environment):
        name = placed.resource.inputs.get(NAME_INPUTS.get(placed.resource.type, "name"))
        if isinstance(name, str) and placed.resource.type not in NAMED_WITHIN:
            yield placed, name


def statements(environment: str) -> Iterator[tuple[Placed, Mapping[str, Any]]]:
    for placed in graph(environment):
        for key in ("policy", "assumeRolePolicy"):
            text = placed.resource.inputs.get(key)
            document = json.loads(text) if isinstance(text, str) else {}
            for statement in document.get("Statement", []):
                yield placed, statement


def many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


@every_environment
def test_everything_taggable_carries_the_required_tags(environment: str) -> None:
    wanted = {**REQUIRED_TAGS, "Environment": environment}
    lacking = [
        str(placed)
        for placed in graph(environment)
        if taggable(placed.resource.type) and not wanted.items() <= tags_of(placed).items()
    ]
    assert lacking == []


@every_environment
def test_everything_taggable_can_be_found_by_a_tag_of_its_own(environment: str) -> None:
    marks = [tags_of(placed)["tradai:urn"] for placed in graph(environment) if taggable(placed.resource.type)]
    assert len(set(marks)) == len(marks)


@every_environment
def test_names_follow_the_pattern_and_say_which_environment(environment: str) -> None:
    component = r"[a-z0-9]+(-[a-z0-9]+)*"
    demanded_by_aws = r"(/aws/vendedlogs/[a-z]+/|aws-waf-logs-)?"
    whole = rf"{demanded_by_aws}tradai[-/]{component}-{environment}(-{component})?([.]fifo)?"
    shortened = rf"tradai-{component}-[0-9a-f]{{6}}"
    namespace = rf"tradai-{environment}[.]local"
    pattern = re.compile(f"{whole}|{shortened}|{namespace}")
    assert [f"{placed}: {name}" for placed, name in names(environment) if not pattern.fullmatch(name)] == []


@every_environment
def test_names_fit_into_what_aws_takes(environment: str) -> None:
    too_long = [
        f"{placed}: {name}" for placed, name in names(environment) if len(name) > LIMITS.get(placed.resource.type, 63)
    ]
    assert too_long == []


@every_environment
def test_no_two_resources_of_a_type_have_one_name(environment: str) -> None:
    taken = [(placed.resource.type, name) for placed, name in names(environment)]
    assert sorted({pair for pair in taken if taken.count(pair) > 1}) == []


@every_environment
def test_no_bucket_is_public(environment: str) -> None:
    buckets = of_type(environment, "aws:s3/bucket:Bucket")
    blocks = of_type(environment, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    closed = {
        block.resource.inputs["bucket"]
        for block in blocks
        if all(
            block.resource.inputs[key]
            for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        )
    }
    assert closed == {f"{placed.resource.name}-id" for placed in buckets}


@every_environment
def test_no_resource_policy_lets_everybody_in(environment: str) -> None:
    open_to_all = [
        str(placed)
        for placed, statement in statements(environment)
        if statement["Effect"] == "Allow" and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
    ]
    assert open_to_all == []


@every_environment
def test_no_database_no_load_balancer_and_no_subnet_is_public(environment: str) -> None:
    for database in of_type(environment, "aws:rds/instance:Instance"):
        assert database.resource.inputs["publiclyAccessible"] is False
    for balancer in of_type(environment, "aws:lb/loadBalancer:LoadBalancer"):
        assert balancer.resource.inputs["internal"] is True
    for subnet in of_type(environment, "aws:ec2/subnet:Subnet"):
        assert not subnet.resource.inputs.get("mapPublicIpOnLaunch")


@every_environment
def test_data_is_encrypted_at_rest(environment: str) -> None:
    for table in of_type(environment, "aws:dynamodb/table:Table"):
        assert table.resource.inputs["serverSideEncryption"]["enabled"] is True
    for database in of_type(environment, "aws:rds/instance:Instance"):
        assert database.resource.inputs["storageEncrypted"] is True
    for repository in of_type(environment, "aws:ecr/repository:Repository"):
        assert repository.resource.inputs["encryptionConfigurations"]
    for queue in of_type(environment, "aws:sqs/queue:Queue"):
        assert queue.resource.inputs["sqsManagedSseEnabled"] is True
    for template in of_type(environment, "aws:ec2/launchTemplate:LaunchTemplate"):
        disks = template.resource.inputs["blockDeviceMappings"]
        assert {disk["ebs"]["encrypted"] for disk in disks} == {"true"}


@every_environment
def test_every_bucket_has_an_encryption_rule(environment: str) -> None:
    buckets = of_type(environment, "aws:s3/bucket:Bucket")
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    rules = of_type(environment, kind)
    assert {rule.resource.inputs["bucket"] for rule in rules} == {f"{p.resource.name}-id" for p in buckets}


@every_environment
def test_no_policy_allows_a_wildcard_action_on_every_resource(environment: str) -> None:
    too_wide = [
        f"{placed}: {statement}"
        for placed, statement in statements(environment)
        if statement["Effect"] == "Allow"
        and "*" in many(statement.get("Resource"))
        and any("*" in action for action in many(statement["Action"]))
    ]
    assert too_wide == []


def group_rules(environment: str, direction: str) -> list[tuple[str, str | None, range]]:
    """(group, peer, ports) of every rule; the peer is None where it is a network."""
    type_ = f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule"
    inputs = layer_run("foundation", environment).of(type_).values()
    return [
        (
            rule["securityGroupId"],
            rule.get("referencedSecurityGroupId"),
            range(int(rule["fromPort"]), int(rule["toPort"]) + 1),
        )
        for rule in inputs
    ]


def overlap(one: range, other: range) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)


@every_environment
@pytest.mark.parametrize(("one", "other"), [("Ingress", "Egress"), ("Egress", "Ingress")])
def test_every_connection_between_groups_is_allowed_at_both_ends(environment: str, one: str, other: str) -> None:
    """Where the other end names a network, `test_flows_of_the_graph` looks whether it is wide enough."""
    there = group_rules(environment, other)
    half_open = [
        (group, peer, ports)
        for group, peer, ports in group_rules(environment, one)
        if peer
        and not any(peer == theirs and ours in (group, None) and overlap(ports, open_) for theirs, ours, open_ in there)
    ]
    assert half_open == []
