"""How the rules of a security group are written down."""

import pytest

from tradai_blueprints.tradai.config.security_rules import CommonPorts, PortRange, SecurityRuleBuilder, connection, port
from tradai_blueprints.tradai.config.services import SERVICES
from tradai_blueprints.tradai.config.storage import STORAGE


@pytest.mark.parametrize(
    ("service", "ports"),
    [
        ("backend-api", CommonPorts.BACKEND_API),
        ("data-collection", CommonPorts.DATA_COLLECTION),
        ("mlflow", CommonPorts.MLFLOW),
        ("strategy-service", CommonPorts.STRATEGY_SERVICE),
    ],
)
def test_each_standing_service_has_a_common_port_that_is_its_own(service: str, ports: PortRange) -> None:
    (row,) = (row for row in SERVICES if row.name == service)
    assert ports == port(row.port or 0)


def test_the_ports_of_trading_and_of_the_database_are_those_of_their_rows() -> None:
    trading = [row.port or 0 for row in SERVICES if row.name in {"live-trading", "dry-run-trading"}]
    assert PortRange(first=min(trading), last=max(trading)) == CommonPorts.TRADING
    assert port(STORAGE.rds.port) == CommonPorts.POSTGRES


def test_a_builder_gives_the_rules_of_its_group_in_the_order_in_which_they_were_said() -> None:
    rules = (
        SecurityRuleBuilder("ecs", "because")
        .ingress_from_sg("alb", CommonPorts.SERVICES, "in")
        .ingress_from_cidr("10.0.0.0/16", port(9), "near")
        .egress_to_sg("rds", CommonPorts.POSTGRES, "out")
        .egress_https_to_internet("far")
        .build()
    )
    assert [(r.direction, r.peer, r.from_port, r.to_port, r.purpose) for r in rules] == [
        ("ingress", "alb", 8000, 8003, "in"),
        ("ingress", "10.0.0.0/16", 9, 9, "near"),
        ("egress", "rds", 5432, 5432, "out"),
        ("egress", "0.0.0.0/0", 443, 443, "far"),
    ]
    assert {(rule.group, rule.reason) for rule in rules} == {("ecs", "because")}


def test_a_connection_has_a_rule_at_either_end() -> None:
    out, into = connection("lambda", CommonPorts.MLFLOW, "ecs", "MLflow", "because")
    assert (out.group, out.direction, out.peer) == ("lambda", "egress", "ecs")
    assert (into.group, into.direction, into.peer) == ("ecs", "ingress", "lambda")
    assert out.from_port == into.from_port == 5000
