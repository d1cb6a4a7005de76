"""The canonical values, held against 002 as people read it: counts, sums and what differs per environment."""

import ipaddress
from collections import Counter
from typing import Literal

import pytest
from pydantic import ValidationError

from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.network import ANYWHERE
from tradai_blueprints.tradai.config.services import Service, executor_mode

SETTINGS = settings_for("dev")

STAGES = {
    "dev": (True, "db.t4g.micro", 20, False, 7, 1, None, False, 30, False, False, False, False, ("*",)),
    "eph-pr12": (True, "db.t4g.micro", 20, False, 7, 1, None, False, 30, False, False, False, False, ("*",)),
    "staging": (True, "db.t4g.micro", 20, False, 7, 1, None, False, 30, False, False, True, True, ()),
    "prod": (False, "db.t4g.small", 50, True, 14, 2, 2, True, 90, True, True, True, True, ()),
}

TABLE_KEYS = {
    "workflow-state": ("run_id", None, "ttl"),
    "idempotency": ("idempotency_key", None, "expiration"),
    "health-state": ("service_name", None, "expires_at"),
    "trading-state": ("strategy_id", None, "ttl"),
    "deployments": ("strategy_name", "deployment_id", "ttl"),
    "drift-state": ("model_name", None, "expires_at"),
    "retraining-state": ("model_name", None, "expires_at"),
    "rollback-state": ("model_name", None, None),
    "shadow-test-state": ("test_id", None, "expires_at"),
    "notifications": ("notification_id", None, "expire_at"),
    "infra-drift-state": ("stack_name", None, None),
    "config-versions": ("strategy_name", "config_id", "ttl"),
}

SCHEDULES = {
    "orphan-scanner": "rate(5 minutes)",
    "health-check": "rate(2 minutes)",
    "trading-heartbeat-check": "rate(5 minutes)",
    "drift-monitor": "rate(12 hours)",
    "retraining-scheduler": "rate(6 hours)",
    "pulumi-drift-detector": "rate(6 hours)",
}


@pytest.mark.parametrize(("environment", "expected"), STAGES.items(), ids=STAGES)
def test_an_environment_differs_as_section_10_says(environment: str, expected: tuple[object, ...]) -> None:
    assert tuple(settings_for(environment).stage.model_dump().values()) == expected


@pytest.mark.parametrize("environment", ["production", "", "eph", "DEV"])
def test_an_unknown_environment_is_refused_with_the_known_ones(environment: str) -> None:
    with pytest.raises(ValueError, match="dev, staging, prod, eph-"):
        settings_for(environment)


def test_values_cannot_be_changed_at_run_time() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SETTINGS.network.vpc.cidr = "10.1.0.0/16"  # type: ignore[misc]


@pytest.mark.parametrize(("name", "keys"), TABLE_KEYS.items(), ids=TABLE_KEYS)
def test_a_table_has_the_keys_of_section_3_2(name: str, keys: tuple[str, str | None, str | None]) -> None:
    table = SETTINGS.storage.table(name)
    assert (table.hash_key, table.range_key, table.ttl) == keys


def test_there_are_exactly_the_twelve_tables() -> None:
    assert [table.name for table in SETTINGS.storage.tables] == list(TABLE_KEYS)


def test_only_idempotency_has_no_point_in_time_recovery() -> None:
    assert [t.name for t in SETTINGS.storage.tables if not t.point_in_time_recovery] == ["idempotency"]


def test_a_key_used_by_table_and_index_is_declared_once() -> None:
    keys = SETTINGS.storage.table("config-versions").key_attributes
    assert keys == ("strategy_name", "config_id", "config_hash", "status")


def test_only_logs_are_not_versioned_and_only_logs_are_deleted() -> None:
    assert [b.name for b in SETTINGS.storage.buckets if not b.versioned] == ["logs"]
    assert {b.name: b.delete_after_days for b in SETTINGS.storage.buckets if b.delete_after_days} == {"logs": 90}
    assert {b.name: b.glacier_after_days for b in SETTINGS.storage.buckets if b.glacier_after_days} == {"results": 30}


def test_subnets_lie_in_the_vpc_two_a_tier_and_never_overlap() -> None:
    vpc = ipaddress.ip_network(SETTINGS.network.vpc.cidr)
    networks = [ipaddress.ip_network(subnet.cidr) for subnet in SETTINGS.network.subnets]
    assert all(network.subnet_of(vpc) for network in networks)  # type: ignore[arg-type]
    assert not any(a.overlaps(b) for i, a in enumerate(networks) for b in networks[i + 1 :])
    assert Counter(subnet.tier for subnet in SETTINGS.network.subnets) == {
        "public": 2,
        "private": 2,
        "database": 2,
    }


def test_each_tier_spans_both_zones() -> None:
    for tier in ("public", "private", "database"):
        zones = [s.zone for s in SETTINGS.network.subnets if s.tier == tier]
        assert zones == list(SETTINGS.network.vpc.zones)


@pytest.mark.parametrize("consolidated", [False, True])
def test_both_ends_of_a_connection_between_groups_have_their_rule(consolidated: bool) -> None:
    rules = SETTINGS.security.security_rules(consolidated=consolidated, as_tasks=not consolidated)
    for rule in (r for r in rules if r.peer_is_group):
        mirrored = {
            port
            for other in rules
            if other.group == rule.peer and other.peer in (rule.group, ANYWHERE) and other.direction != rule.direction
            for port in range(other.from_port, other.to_port + 1)
        }
        assert mirrored & set(range(rule.from_port, rule.to_port + 1)), rule


def test_a_service_port_that_the_load_balancer_checks_is_open_between_them() -> None:
    opened = {
        port
        for rule in SETTINGS.security.rules
        if (rule.group, rule.direction, rule.peer) == ("ecs", "ingress", "alb")
        for port in range(rule.from_port, rule.to_port + 1)
    }
    assert {s.port for s in SETTINGS.services if s.behind_load_balancer} == opened


def test_only_the_load_balancer_is_open_to_the_world() -> None:
    world = [r for r in SETTINGS.security.rules if r.peer == "0.0.0.0/0" and r.direction == "ingress"]
    assert [(r.group, r.from_port) for r in world] == [("alb", 80), ("alb", 443)]


def test_six_groups_always_and_the_seventh_where_wanted() -> None:
    assert len(SETTINGS.security.security_groups(consolidated=False)) == 6
    assert SETTINGS.security.security_groups(consolidated=True)[6].name == "consolidated"


def test_rules_of_tasks_and_of_the_instance_are_there_where_those_are() -> None:
    security = SETTINGS.security
    assert security.security_rules(consolidated=False, as_tasks=False) == security.rules
    assert security.security_rules(consolidated=False, as_tasks=True) == security.rules + security.task_rules
    assert security.security_rules(consolidated=True, as_tasks=False) == security.rules + security.consolidated_rules
    assert all("consolidated" in (rule.group, rule.peer) for rule in security.consolidated_rules)
    assert {(rule.group, rule.peer) for rule in security.task_rules} == {("ecs", "ecs")}


def test_eighteen_functions_of_which_six_run_by_schedule() -> None:
    assert len(SETTINGS.lambdas) == 18
    assert {f.name: f.schedule for f in SETTINGS.lambdas if f.schedule} == SCHEDULES
    assert {f.name for f in SETTINGS.lambdas if f.trigger == "schedule"} == set(SCHEDULES)


def test_functions_outside_the_vpc_are_the_three_of_section_7() -> None:
    outside = {f.name for f in SETTINGS.lambdas if not f.in_vpc}
    assert outside == {"notify-completion", "pulumi-drift-detector", "update-nat-routes"}


def test_the_failover_function_is_one_of_the_eighteen() -> None:
    function = SETTINGS.lambda_function(SETTINGS.network.nat.failover_function)
    assert (function.memory_mb, function.timeout_seconds, function.runtime) == (128, 120, "python3.11")


def test_twenty_one_routes_of_which_one_is_open_and_one_is_queued() -> None:
    assert len({route.key for route in SETTINGS.api.routes}) == 21
    assert [r.key for r in SETTINGS.api.routes if not r.auth] == ["GET /api/v1/health"]
    assert [r.key for r in SETTINGS.api.routes if r.target == "backtest-queue"] == ["POST /api/v1/backtests"]


def test_a_throttled_route_exists() -> None:
    (throttle,) = SETTINGS.api.throttling.routes
    assert (SETTINGS.api.route(throttle.route_key).target, throttle.rate_per_second) == ("backtest-queue", 10)


def test_every_service_image_has_a_repository() -> None:
    images = {service.image for service in SETTINGS.services if service.image}
    assert images == set(SETTINGS.images.services)


def test_twenty_four_repositories_and_those_of_strategies() -> None:
    assert len(set(SETTINGS.images.fixed)) == 24
    assert SETTINGS.images.repositories(["pascal"])[24:] == ("pascal",)


@pytest.mark.parametrize("strategies", [["backend"], ["health-check"], ["pascal", "pascal"]])
def test_a_strategy_repository_may_not_take_a_name_that_is_taken(strategies: list[str]) -> None:
    with pytest.raises(ValueError, match=strategies[0]):
        SETTINGS.images.repositories(strategies)


@pytest.mark.parametrize(
    ("environment", "service", "count"),
    [("dev", "backend-api", 1), ("prod", "backend-api", 2), ("prod", "live-trading", 0)],
)
def test_standing_services_are_as_many_as_section_10_says(environment: str, service: str, count: int) -> None:
    settings = settings_for(environment)
    assert settings.desired_count(settings.service(service)) == count


def test_a_number_that_is_asked_for_wins() -> None:
    settings = settings_for("prod")
    assert settings.desired_count(settings.service("backend-api"), 3) == 3
    assert settings.desired_count(settings.service("backend-api"), 0) == 0
    assert settings.desired_count(settings.service("live-trading"), 1) == 1


def test_what_the_instance_runs_has_no_number_that_could_be_asked_for() -> None:
    settings = settings_for("staging")
    with pytest.raises(ValueError, match=r"services.mlflow.desiredCount has no meaning in staging"):
        settings.desired_count(settings.service("mlflow"), 2)
    assert settings.desired_count(settings.service("dry-run-trading"), 2) == 2


def test_live_trading_on_spot_is_refused() -> None:
    row = SETTINGS.service("live-trading").model_dump()
    with pytest.raises(ValidationError, match="must never run on Spot"):
        Service.model_validate({**row, "launch_type": "FARGATE_SPOT"})


@pytest.mark.parametrize(("launch", "mode"), [("ecs", "sqs"), ("stepfunctions", "stepfunctions")])
def test_the_backend_executes_as_the_consumers_launch(launch: Literal["ecs", "stepfunctions"], mode: str) -> None:
    assert executor_mode(launch) == mode


def test_the_queue_keeps_a_request_for_four_days_and_the_dead_letters_for_fourteen() -> None:
    day = 24 * 60 * 60
    assert SETTINGS.messaging.backtest_queue.message_retention_seconds == 4 * day
    assert SETTINGS.messaging.dead_letter_queue.message_retention_seconds == 14 * day


def test_a_request_stays_invisible_longer_than_its_consumer_may_take() -> None:
    consumer = SETTINGS.lambda_function("backtest-consumer")
    assert SETTINGS.messaging.backtest_queue.visibility_timeout_seconds >= 6 * consumer.timeout_seconds


def test_the_four_secrets_of_section_8() -> None:
    assert [secret.name for secret in SETTINGS.secrets.secrets] == [
        "database-url",
        "mlflow-credentials",
        "binance-api",
        "jwt-secret",
    ]


def _fits_fargate(service: Service) -> bool:
    return service.memory_mb in (2 * service.cpu, 4 * service.cpu)


def test_every_service_has_a_size_that_fargate_offers() -> None:
    assert all(_fits_fargate(service) for service in SETTINGS.services)
