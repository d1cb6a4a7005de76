"""Several environments in one account: no name is taken twice, and where AWS's default quotas end is said."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.iac.whole_graph import graph
from tradai_blueprints.tradai.config.quotas import QUOTAS
from tradai_iac.naming import LIMITS, Naming
from tradai_iac.quotas import Quota, Resource, room_for

ACCOUNT = ("dev", "staging", "prod")
#: Which input names a resource, where it is not `name`.
NAME_INPUTS = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:rds/instance:Instance": "identifier",
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmName",
    "aws:cognito/userPoolDomain:UserPoolDomain": "domain",
    "aws:codeartifact/domain:Domain": "domain",
    "aws:codeartifact/repository:Repository": "repository",
    "aws:ecs/taskDefinition:TaskDefinition": "family",
}
#: Names within a parent that has a name of its own.
NAMED_WITHIN = {
    "aws:apigatewayv2/stage:Stage",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:servicediscovery/service:Service",
    "aws:lambda/permission:Permission",
}
#: Types of which an account or a Region has one, which environments would take from each other.
ONCE_AN_ACCOUNT = re.compile(
    r"AccountSetting|AccountPasswordPolicy|AccountPublicAccessBlock|apigateway/account|RegistryPolicy|"
    r"RegistryScanningConfiguration|ResourcePolicy$|EncryptionByDefault|ServiceLinkedRole"
)
#: What connects one VPC with another network.
CONNECTIONS = re.compile(r"[Pp]eering|transitGateway|TransitGateway|vpnGateway|VpnConnection|networkManager", re.ASCII)

#: Counted by hand from the documents: what dev, staging and prod take, and what they take together.
BY_HAND = {
    "VPCs": (1, 1, 1, 3),
    "Internet gateways": (1, 1, 1, 3),
    "Elastic IP addresses": (1, 1, 1, 3),
    # t4g.nano everywhere (002 §1.4), t3.small where compute is consolidated (002 §10): two each
    "vCPUs of On-Demand Standard instances": (4, 4, 2, 10),
    # 0.5 + 0.25 + 0.5 + 0.5 of the standing services, two of each (002 §2.2, §10), scaled to twice as many
    "vCPUs of On-Demand tasks": (0, 0, 7, 7),
    "VPC links": (1, 1, 1, 3),
    "Routes of an API": (21, 21, 21, 21),
    "Trails": (0, 1, 1, 2),
    "Subnets of a VPC": (6, 6, 6, 6),
    "Gateway endpoints": (2, 2, 2, 6),
    "Interface endpoints of a VPC": (7, 7, 7, 7),
    "Security groups": (7, 7, 6, 20),
    # eighteen functions, of which two consume a queue, up to five at once
    "Concurrent executions": (26, 26, 26, 78),
    "Services of a cluster": (3, 3, 7, 7),
    "Target groups": (4, 4, 4, 12),
    "Tables": (12, 12, 12, 36),
    # five, and that of the state
    "Buckets": (6, 6, 6, 18),
    "Repositories": (24, 24, 24, 72),
}

#: What a new account has to ask for before all three can stand.
TOO_SMALL = {"L-1216C47A", "L-3032A538"}

environment_names = st.one_of(st.sampled_from(ACCOUNT), st.from_regex(r"eph-[a-z0-9]{1,8}", fullmatch=True))


@cache
def resources(environment: str) -> Sequence[Resource]:
    return [(placed.resource.type, placed.resource.inputs) for placed in graph(environment)]


@cache
def names(environment: str) -> frozenset[tuple[str, str]]:
    """(type, name) of everything that has a name in the account."""
    named = ((type_, inputs.get(NAME_INPUTS.get(type_, "name"))) for type_, inputs in resources(environment))
    return frozenset((type_, name) for type_, name in named if isinstance(name, str) and type_ not in NAMED_WITHIN)


@cache
def components() -> frozenset[tuple[str, str, str, str]]:
    """What dev's names are made of: prefix, component, suffix, and the kind by which they are bounded."""
    pattern = re.compile(r"(.*tradai[-/])([a-z0-9-]+)-dev(?:-([a-z0-9-]+))?(?:[.]fifo)?")
    kinds = {"aws:lb/targetGroup:TargetGroup": "target-group", "aws:lb/loadBalancer:LoadBalancer": "load-balancer"}
    found = ((type_, pattern.fullmatch(name)) for type_, name in names("dev"))
    return frozenset((m[1], m[2], m[3] or "", kinds.get(type_, "iam-role")) for type_, m in found if m)


def spelled(environment: str) -> frozenset[tuple[str, str]]:
    """The same names as another environment has them."""
    naming = Naming("tradai", environment)
    return frozenset(
        (kind, prefix.removesuffix("tradai-") + naming.name(component, suffix or None, kind=kind))
        for prefix, component, suffix, kind in components()
    )


@pytest.mark.parametrize(("one", "other"), combinations((*ACCOUNT, "eph-pr1234"), 2))
def test_no_two_environments_share_a_name(one: str, other: str) -> None:
    assert len(names(one)) > 150
    assert names(one) & names(other) == frozenset()


@given(environment_names, environment_names)
def test_no_two_environments_could_share_a_name_whatever_they_are_called(one: str, other: str) -> None:
    assert len(components()) > 80
    assert len(spelled(one)) == len(components())
    assert one == other or not spelled(one) & spelled(other)


@given(environment_names)
def test_every_name_fits_in_every_environment(environment: str) -> None:
    assert all(len(name.rsplit("/", 1)[-1]) <= LIMITS[kind] for kind, name in spelled(environment))


@pytest.mark.parametrize("environment", [*ACCOUNT, "eph-pr1234"])
def test_an_environment_takes_nothing_of_which_an_account_has_one(environment: str) -> None:
    assert [type_ for type_, _ in resources(environment) if ONCE_AN_ACCOUNT.search(type_)] == []


@pytest.mark.parametrize("environment", [*ACCOUNT, "eph-pr1234"])
def test_every_vpc_has_the_one_range_and_is_connected_to_no_other(environment: str) -> None:
    (vpc,) = (inputs for type_, inputs in resources(environment) if type_ == "aws:ec2/vpc:Vpc")
    assert vpc["cidrBlock"] == "10.0.0.0/16"
    assert [type_ for type_, _ in resources(environment) if CONNECTIONS.search(type_)] == []


@pytest.mark.parametrize(("name", "expected"), BY_HAND.items(), ids=BY_HAND)
def test_a_quota_is_counted_as_by_hand(name: str, expected: tuple[int, ...]) -> None:
    (quota,) = (quota for quota in QUOTAS if quota.name == name)
    graphs = [resources(environment) for environment in ACCOUNT]
    assert (*(quota.use(each) for each in graphs), quota.together(graphs)) == expected


@pytest.mark.parametrize("quota", QUOTAS, ids=lambda quota: quota.name)
def test_every_quota_counts_something(quota: Quota) -> None:
    assert any(quota.use(resources(environment)) for environment in ACCOUNT)


def test_three_environments_fit_but_for_what_is_said() -> None:
    graphs = [resources(environment) for environment in ACCOUNT]
    assert {quota.code for quota in QUOTAS if quota.together(graphs) > quota.default} == TOO_SMALL


def test_two_ephemeral_environments_fit_beside_them() -> None:
    graphs = [resources(environment) for environment in ACCOUNT]
    assert room_for(QUOTAS, graphs, resources("eph-pr1234")) == 2


def test_a_quota_has_a_code_of_its_own() -> None:
    codes = [quota.code for quota in QUOTAS if quota.code]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"L-[0-9A-F]{8}", code) for code in codes)


PARENTS: Sequence[Resource] = [
    ("row", {"parent": "a", "side": "in"}),
    ("row", {"parent": "a", "side": "in"}),
    ("row", {"parent": "a", "side": "out"}),
    ("row", {"parent": "b", "side": "in"}),
    ("other", {"parent": "a", "side": "in"}),
]


@pytest.mark.parametrize(
    ("more", "one", "two"),
    [
        ({}, 4, 8),
        ({"where": (("side", "in"),)}, 3, 6),
        ({"within": ("parent",)}, 3, 3),
        ({"within": ("parent", "side")}, 2, 2),
    ],
)
def test_what_counts_per_parent_does_not_add_up_over_environments(more: Mapping[str, Any], one: int, two: int) -> None:
    quota = Quota(service="s", name="n", code=None, default=10, types=("row",), **more)
    assert (quota.use(PARENTS), quota.together([PARENTS, PARENTS])) == (one, two)


def test_an_instance_type_that_nobody_counted_is_an_error() -> None:
    (quota,) = (quota for quota in QUOTAS if quota.measure == "instance-vcpus")
    launched: Sequence[Resource] = [
        ("aws:ec2/launchTemplate:LaunchTemplate", {"name": "n", "instanceType": "m7i.large"}),
        ("aws:autoscaling/group:Group", {"name": "n", "maxSize": 1}),
    ]
    with pytest.raises(KeyError, match=r"m7i\.large"):
        quota.use(launched)
