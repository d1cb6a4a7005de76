"""What is changed in place and what is made anew, where that hangs on what stood and on what is wanted."""

from typing import Any, Final

import pytest

from tradai_sandbox.provider.diff import differences
from tradai_sandbox.provider.table import rows
from tradai_sandbox.provider.unknown import UNKNOWN

RULES: Final = tuple(f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule" for way in ("Ingress", "Egress"))
SOURCES: Final = {
    "cidrIpv4": ("10.0.0.0/16", "10.1.0.0/16"),
    "cidrIpv6": ("fd00::/64", "fd01::/64"),
    "prefixListId": ("pl-1", "pl-2"),
    "referencedSecurityGroupId": ("sg-1", "sg-2"),
}


def replaced(token: str, had: dict[str, Any], wanted: dict[str, Any]) -> bool:
    rule = {"securityGroupId": "sg-0", "ipProtocol": "tcp", "fromPort": 1, "toPort": 1}
    found = differences(rows()[token], {**rule, **had}, {**rule, **had}, {**rule, **wanted})
    assert found
    return any(each.replaces for each in found)


@pytest.mark.parametrize("token", RULES)
@pytest.mark.parametrize("before", SOURCES)
@pytest.mark.parametrize("after", SOURCES)
def test_a_rule_is_made_anew_where_the_kind_of_its_source_changes_and_else_in_place(
    token: str, before: str, after: str
) -> None:
    """Known yet or not: a group that is still to be made is a group."""
    had = {before: SOURCES[before][0]}
    for value in (SOURCES[after][1], UNKNOWN):
        assert replaced(token, had, {after: value}) == (before != after)


def test_the_labels_of_a_secrets_version_move_in_place_and_its_value_does_not() -> None:
    version = rows()["aws:secretsmanager/secretVersion:SecretVersion"]
    had = {"secretId": "s", "secretString": "a", "versionStages": ["AWSCURRENT"]}
    labelled, other = {**had, "versionStages": ["AWSCURRENT", "next"]}, {**had, "secretString": "b"}
    assert [d.replaces for d in differences(version, had, had, labelled)] == [False]
    assert [d.replaces for d in differences(version, had, had, other)] == [True]


SPOT: Final = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
MIXED: Final = [*SPOT, {"capacityProvider": "FARGATE", "weight": 1}]


@pytest.mark.parametrize(
    ("had", "wanted", "forced", "replaces"),
    [
        (SPOT, MIXED, True, False),
        (SPOT, MIXED, False, True),
        ([], SPOT, True, True),
        (SPOT, [], True, True),
    ],
    ids=["forced", "not forced", "from none", "to none"],
)
def test_a_service_changes_its_strategy_in_place_where_a_deployment_is_forced(
    had: list[Any], wanted: list[Any], forced: bool, replaces: bool
) -> None:
    name, service = "capacityProviderStrategies", rows()["aws:ecs/service:Service"]
    before: dict[str, Any] = {"name": "s", "forceNewDeployment": forced, name: had}
    found = differences(service, before, before, {**before, name: wanted})
    assert [(each.name, each.replaces) for each in found] == [(name, replaces)]
