"""Groups and ACLs decide as AWS says that they do: one caller, one service, and what stands between them."""

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from tests.unit.iac.flows import INTERNET, End, Flow
from tests.unit.iac.reach import EPHEMERAL, AclRule, Filters, GroupRule

WORLD = IPv4Network("0.0.0.0/0")
NEAR, FAR = IPv4Network("10.0.1.0/24"), IPv4Network("10.0.2.0/24")
CALLER, SERVICE = End("caller", ("callers",), ("near",)), End("service", ("services",), ("far",))
NAT = End("nat", ("nats",), ("far",))
FLOW = Flow(CALLER, SERVICE, 8000)
HTTP = range(8000, 8001)

OUT = GroupRule("out", "callers", True, HTTP, "services", None)
IN = GroupRule("in", "services", False, HTTP, "callers", None)
ACL = (
    AclRule("near out", "near-acl", True, 1, HTTP, FAR, True),
    AclRule("near in", "near-acl", False, 1, EPHEMERAL, FAR, True),
    AclRule("far in", "far-acl", False, 1, HTTP, NEAR, True),
    AclRule("far out", "far-acl", True, 1, EPHEMERAL, NEAR, True),
)
OPEN = Filters((OUT, IN), ACL, {"near": NEAR, "far": FAR}, {"near": "near-acl", "far": "far-acl"})


def without(name: str) -> Filters:
    return replace(OPEN, acl_rules=tuple(rule for rule in ACL if rule.name != name))


def test_a_connection_passes_where_all_let_it() -> None:
    assert OPEN.stop(FLOW) == []


@pytest.mark.parametrize(("rule", "end"), [(OUT, "caller lets it out"), (IN, "service lets it in")])
def test_a_group_stops_it_at_either_end(rule: GroupRule, end: str) -> None:
    assert OPEN.without(rule, 8000).stop(FLOW) == [f"caller → service 8000: no group of {end}"]


@pytest.mark.parametrize("name", [rule.name for rule in ACL])
def test_an_acl_stops_requests_and_answers_alike(name: str) -> None:
    (stopped,) = without(name).stop(FLOW)
    assert stopped.startswith(f"caller → service 8000: the ACL of {name.split()[0]}")


def test_no_acl_stands_between_two_in_one_subnet() -> None:
    beside = Flow(CALLER, replace(SERVICE, subnets=("near",)), 8000)
    assert replace(OPEN, acl_rules=()).stop(beside) == []


def test_a_network_that_holds_the_peers_subnet_is_as_good_as_its_group() -> None:
    by_network = replace(IN, peer_group=None, network=NEAR)
    assert replace(OPEN, group_rules=(OUT, by_network)).stop(FLOW) == []
    elsewhere = replace(by_network, network=FAR)
    assert replace(OPEN, group_rules=(OUT, elsewhere)).stop(FLOW) != []


def test_a_range_without_one_port_is_still_open_on_the_others() -> None:
    wide = replace(IN, ports=range(7999, 8003))
    holed = replace(OPEN, group_rules=(OUT, wide)).without(wide, 8001)
    assert holed.stop(FLOW) == []
    assert replace(OPEN, group_rules=(OUT, wide)).without(wide, 8000).stop(FLOW) != []


@pytest.mark.parametrize(("number", "stopped"), [(0, True), (2, False)])
def test_an_acls_lower_number_wins(number: int, stopped: bool) -> None:
    refusal = AclRule("refusal", "far-acl", False, number, HTTP, NEAR, False)
    assert bool(replace(OPEN, acl_rules=(*ACL, refusal)).stop(FLOW)) is stopped


def test_the_way_out_over_a_nat_needs_rules_at_the_caller_and_at_both_sides_of_the_nat() -> None:
    def group(name: str, group: str, egress: bool, network: IPv4Network) -> GroupRule:
        return GroupRule(name, group, egress, range(443, 444), None, network)

    def acl(name: str, egress: bool, ports: range, network: IPv4Network) -> AclRule:
        return AclRule(name, f"{name.split()[0]}-acl", egress, len(name) + ports.start, ports, network, True)

    https = range(443, 444)
    groups = (group("1", "callers", True, WORLD), group("2", "nats", False, NEAR), group("3", "nats", True, WORLD))
    acls = (
        acl("near request out", True, https, WORLD),
        acl("near answer in", False, EPHEMERAL, WORLD),
        acl("far request in", False, https, NEAR),
        acl("far request out", True, https, WORLD),
        acl("far answer in", False, EPHEMERAL, WORLD),
        acl("far answer out", True, EPHEMERAL, NEAR),
    )
    flow = Flow(CALLER, INTERNET, 443, NAT)
    filters = replace(OPEN, group_rules=groups, acl_rules=acls)
    assert filters.stop(flow) == []
    for rule in groups:
        assert filters.without(rule, 443).stop(flow) != [], rule
    for each in acls:
        assert filters.without_acl(each).stop(flow) != [], each
