"""Every connection that an environment needs passes its security groups and network ACLs, and no rule is there in vain.

The needed connections are derived from the rendered graph; the rows of 002 §4.1 are written here by hand.
"""

from functools import cache

import pytest

from tests.unit.iac.flows import INTERNET, End, Estate, Flow, addresses
from tests.unit.iac.reach import Filters, GroupRule
from tests.unit.iac.whole_graph import ENVIRONMENTS, VARIANTS, graph
from tradai_blueprints.tradai.config import settings_for

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)

#: 002 §4.1: group, direction, first and last port, peer.
DOCUMENTED = {
    ("alb", "ingress", 80, 80, "0.0.0.0/0"),
    ("alb", "ingress", 443, 443, "0.0.0.0/0"),
    ("alb", "egress", 8000, 8003, "ecs"),
    ("alb", "egress", 5000, 5000, "ecs"),
    ("ecs", "ingress", 8000, 8000, "alb"),
    ("ecs", "ingress", 8002, 8002, "alb"),
    ("ecs", "ingress", 8003, 8003, "alb"),
    ("ecs", "ingress", 5000, 5000, "alb"),
    ("ecs", "ingress", 8000, 8003, "lambda"),
    ("ecs", "egress", 443, 443, "0.0.0.0/0"),
    ("ecs", "egress", 5432, 5432, "rds"),
    ("lambda", "egress", 443, 443, "0.0.0.0/0"),
    ("lambda", "egress", 8000, 8003, "ecs"),
    ("lambda", "egress", 5000, 5000, "ecs"),
    ("rds", "ingress", 5432, 5432, "ecs"),
    ("rds", "ingress", 5432, 5432, "lambda"),
    ("nat", "ingress", 0, 65535, "10.0.11.0/24"),
    ("nat", "ingress", 0, 65535, "10.0.12.0/24"),
    ("nat", "egress", 0, 65535, "0.0.0.0/0"),
}

#: What the rows of 002 mean by themselves, whoever uses them: on 8001 nobody listens.
MEANT = {
    *(("alb", "ecs", port) for port in (5000, 8000, 8002, 8003)),
    *(("lambda", "ecs", port) for port in (5000, 8000, 8002, 8003)),
    ("lambda", "rds", 5432),
    ("ecs", "rds", 5432),
    ("", "alb", 80),
    ("", "alb", 443),
}

#: Who calls whom within the VPC, read off 002 §2 and what each service and function is for, beside MEANT.
CALLS = {
    "prod": {
        *(("ecs", "ecs", port) for port in (5000, 8002, 8003, 8004, 8005)),
        *(("lambda", "ecs", port) for port in (8004, 8005)),
        ("ecs", "alb", 80),
    },
    "dev": {
        *(("alb", "consolidated", port) for port in (5000, 8000, 8002, 8003)),
        *(("lambda", "consolidated", port) for port in (5000, 8000, 8002, 8003)),
        *(("lambda", "ecs", port) for port in (8004, 8005)),
        *(("ecs", "consolidated", port) for port in (5000, 8002)),
        *(("consolidated", "ecs", port) for port in (8004, 8005)),
        ("consolidated", "rds", 5432),
        ("ecs", "alb", 80),
    },
}


@cache
def estate(environment: str, variant: str | None = None) -> Estate:
    return Estate(graph(environment, variant))


@cache
def filters(environment: str, variant: str | None = None) -> Filters:
    return Filters.of([placed.resource for placed in graph(environment, variant)])


def group_name(end: End) -> str:
    """A group's id under mocks is its name and `-id`."""
    return end.groups[0].removesuffix("-id") if end.groups else ""


@cache
def meant(environment: str) -> frozenset[Flow]:
    """The connections that the rows of 002 name, between the tiers in which 002 §1.2 puts their groups."""
    tiers = {"alb": "public", "ecs": "private", "lambda": "private", "rds": "database"}
    subnets = {tier: tuple(s for s in filters(environment).networks if s.startswith(tier)) for tier in tiers.values()}
    ends = {group: End(group, (f"{group}-id",), subnets[tier]) for group, tier in tiers.items()} | {"": INTERNET}
    return frozenset(Flow(ends[caller], ends[called], port) for caller, called, port in MEANT)


@cache
def shapes(environment: str) -> frozenset[Flow]:
    """One of each kind of needed connection: filters look at groups and subnets alone."""
    kinds = {
        (f.caller.groups, f.caller.subnets, f.called.groups, f.called.subnets, f.port, f.via): f
        for f in sorted(estate(environment).flows() | meant(environment), key=str)
    }
    return frozenset(kinds.values())


def rows(environment: str) -> set[tuple[str, str, int, int, str]]:
    return {row(rule) for rule in filters(environment).group_rules}


def row(rule: GroupRule) -> tuple[str, str, int, int, str]:
    peer = rule.peer_group.removesuffix("-id") if rule.peer_group else str(rule.network)
    direction = "egress" if rule.egress else "ingress"
    return rule.group.removesuffix("-id"), direction, rule.ports[0], rule.ports[-1], peer


@every_environment
def test_no_needed_connection_is_blocked(environment: str) -> None:
    needed = estate(environment).flows() | meant(environment)
    assert [what for flow in needed for what in filters(environment).stop(flow)] == []


@pytest.mark.parametrize(("environment", "variant"), zip(("prod", "dev"), VARIANTS, strict=True))
def test_no_needed_connection_is_blocked_in_another_configuration(environment: str, variant: str) -> None:
    flows = estate(environment, variant).flows()
    assert [what for flow in flows for what in filters(environment, variant).stop(flow)] == []


@pytest.mark.parametrize("environment", CALLS)
def test_the_connections_within_the_vpc_are_those_that_the_documents_lead_to(environment: str) -> None:
    inner = {
        (group_name(flow.caller), group_name(flow.called), flow.port)
        for flow in estate(environment).flows()
        if flow.called.groups and group_name(flow.called) != "vpc-endpoint"
    }
    assert inner - MEANT == CALLS[environment]


@every_environment
def test_the_rows_of_section_4_1_are_all_there(environment: str) -> None:
    assert rows(environment) >= DOCUMENTED


@every_environment
def test_every_other_rule_is_needed_on_each_of_its_ports(environment: str) -> None:
    in_vain = [
        f"{rule.name}: {port}"
        for rule in filters(environment).group_rules
        if row(rule) not in DOCUMENTED
        for port in rule.ports
        if not any(filters(environment).without(rule, port).stop(flow) for flow in shapes(environment))
    ]
    assert in_vain == []


@every_environment
def test_every_rule_of_an_acl_is_needed(environment: str) -> None:
    in_vain = [
        rule.name
        for rule in filters(environment).acl_rules
        if not any(filters(environment).without_acl(rule).stop(flow) for flow in shapes(environment))
    ]
    assert in_vain == []


def test_a_rule_says_why_it_is_there_exactly_where_002_does_not() -> None:
    security = settings_for("dev").security
    every = security.rules + security.task_rules + security.consolidated_rules
    unexplained = {(r.group, r.direction, r.from_port, r.to_port, r.peer) for r in every if r.reason is None}
    assert unexplained == DOCUMENTED


@every_environment
def test_every_name_in_service_discovery_is_answered_and_called(environment: str) -> None:
    called = {(flow.called, flow.port) for flow in estate(environment).flows()}
    for host, answering in estate(environment).answering.items():
        assert len(answering) == 1, host
        assert any((who.end, port) in called for who in answering for port in who.ports), host


@every_environment
def test_whoever_is_called_by_name_listens_there(environment: str) -> None:
    known = estate(environment).answering
    called = {pair for workload in estate(environment).workloads for pair in addresses(workload.text)}
    deaf = [(host, port) for host, port in called for who in known.get(host, []) if port not in who.ports]
    assert deaf == []


@every_environment
def test_no_address_leads_to_a_private_name_that_does_not_exist(environment: str) -> None:
    hosts = {host for workload in estate(environment).workloads for host, _ in addresses(workload.text)}
    assert {host for host in hosts if host.endswith(".local")} <= set(estate(environment).answering)


@every_environment
def test_what_is_outside_the_vpc_calls_nothing_in_it(environment: str) -> None:
    outside = [workload for workload in estate(environment).workloads if not workload.end.subnets]
    assert {each.end.what for each in outside} == {
        "function notify-completion",
        "function pulumi-drift-detector",
        "function update-nat-routes",
    }
    for workload in outside:
        assert not {host for host, _ in addresses(workload.text)} & set(estate(environment).answering)
        assert "rds.amazonaws.com" not in workload.text


@every_environment
def test_everything_private_has_a_way_to_aws_and_out(environment: str) -> None:
    found = estate(environment)
    private = [workload.end for workload in found.workloads if workload.end.subnets and workload.end != found.nat]
    assert private and all(subnet.startswith("private") for end in private for subnet in end.subnets)
    for end in private:
        ways = {(flow.called.what, flow.via) for flow in found.flows() if flow.caller == end and flow.port == 443}
        assert ways >= {("interface endpoint", None), (INTERNET.what, None), (INTERNET.what, found.nat)}


@every_environment
def test_names_are_resolved_by_the_vpc_itself_so_that_no_udp_crosses_a_group(environment: str) -> None:
    types = {placed.resource.type for placed in graph(environment)}
    assert not [type_ for type_ in types if "dhcpOptions" in type_ or "resolver" in type_.lower()]


@every_environment
def test_whatever_starts_strategies_puts_them_where_the_services_tasks_are(environment: str) -> None:
    found = estate(environment)
    by_service = "tasks of backend-api" if environment == "prod" else "instance consolidated"
    assert found.started.keys() == {
        "function backtest-consumer",
        "function sqs-consumer",
        by_service,
        "workflow backtest-workflow",
        "workflow retraining-workflow",
    }
    ends = {task.end for tasks in found.started.values() for task in tasks}
    assert ends == {found.services["strategy-container"].end}


def test_the_instance_needs_no_rule_to_call_itself() -> None:
    (instance,) = [each for each in estate("dev").instances if each.ports]
    assert ("mlflow.tradai-dev.local", 5000) in addresses(instance.text)
    assert not [flow for flow in estate("dev").flows() if flow.caller == flow.called]
