"""The reads of the documents' fixture, against resources made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from moto import mock_aws

from tests.documents.checks import load_checks
from tests.documents.live import Live
from tests.documents.readback import Reading, main, readings
from tests.documents.readers import READERS
from tests.unit.documents import cases_compute_edge as edge
from tests.unit.documents import cases_foundation as foundation
from tests.unit.documents import cases_persistent as persistent
from tests.unit.documents.handmade import ENV, client


class Case(NamedTuple):
    """`make` leaves `subjects` as documented, except for the facts `beyond` moto; `spoil` makes `wrong` disagree."""

    kind: str
    subjects: tuple[str, ...]
    make: Callable[[], None]
    spoil: Callable[[], None]
    wrong: set[str]
    beyond: frozenset[str] = frozenset()


VPC = f"tradai-vpc-{ENV}"
CIDRS = ("10.0.1.0/24", "10.0.2.0/24", "10.0.11.0/24", "10.0.12.0/24", "10.0.21.0/24", "10.0.22.0/24")
DATABASES = {"10.0.21.0/24 default route", "10.0.22.0/24 default route"}
ACLS = {"10.0.21.0/24 is the default", "10.0.21.0/24 shared with", "10.0.22.0/24 shared with", "10.0.21.0/24 tags"}
RDS_GROUP = f"tradai-rds-sg-{ENV}"
ALERTS = f"tradai-alerts-{ENV}"
TOPICS = (ALERTS, f"tradai-registration-{ENV}")
QUEUES = (foundation.QUEUE, f"tradai-backtest-dlq-{ENV}.fifo")
FLOW = {f"{VPC} {fact}" for fact in ("destination", "traffic", "has a log group", "tags")}
REPOSITORY = f"tradai/backend-{ENV}"
SECRET = f"tradai/jwt-secret-{ENV}"

CASES = [
    Case("bucket", (persistent.RESULTS,), persistent.bucket, lambda: persistent.glacier_after(31),
         {f"{persistent.RESULTS} lifecycle"}),
    Case("table", (persistent.STATE,), persistent.table, lambda: persistent.recovery(False),
         {f"{persistent.STATE} point-in-time recovery"}),
    Case("repository", (REPOSITORY,), persistent.repository, persistent.no_repository,
         {f"{REPOSITORY} exists", f"{REPOSITORY} tags"}),
    Case("user pool", (persistent.POOL,), persistent.user_pool, persistent.short_passwords,
         {f"{persistent.POOL} password min length"}),
    Case("secret", (SECRET,), persistent.secret, persistent.untagged_secret, {f"{SECRET} tags"}),
    Case("trail", ("trail",), persistent.trail, persistent.silent_trail, {"trail logging"}),
    Case("vpc", (VPC,), foundation.places, foundation.no_hostnames, {f"{VPC} dns hostnames"}),
    Case("subnet", CIDRS, foundation.places, foundation.route_from_the_database, DATABASES),
    Case("network acl", CIDRS, foundation.places, foundation.default_acl, ACLS),
    Case("endpoints", ("endpoints",), foundation.endpoints, foundation.one_endpoint_less, {"endpoints interface"}),
    Case("security group", (RDS_GROUP,), foundation.database_group, foundation.world_may_ask_the_database,
         {f"{RDS_GROUP} ingress"}),
    Case("nat", ("NAT instance",), foundation.nat_instance, foundation.two_nat_instances, {"NAT instance max"}),
    Case("function", (foundation.ROUTER,), foundation.router, foundation.hasty_router,
         {f"{foundation.ROUTER} timeout"}),
    Case("flow logs", (VPC,), foundation.flow_logs, foundation.no_flow_logs, FLOW),
    Case("log groups", ("log groups",), foundation.flow_logs, foundation.logs_for_ever,
         {"log groups retention days"}),
    Case("rds", ("database",), foundation.database, foundation.public_database, {"database publicly accessible"},
         frozenset({"credentials rotate after days"})),
    Case("queue", QUEUES, foundation.queues, foundation.forgetful_queue, {f"{QUEUES[0]} message retention"}),
    Case("topic", TOPICS, foundation.topics, foundation.deaf_topic, {f"{ALERTS} hears of"}),
    Case("cluster", ("cluster",), edge.cluster, edge.no_spot, {"cluster capacity"}),
    Case("task roles", ("task roles",), edge.task_roles, edge.one_task_role, {"task roles count"}),
    Case("load balancer", ("load balancer",), edge.load_balancer, edge.listener_elsewhere,
         {"load balancer listeners"}),
    Case("target group", ("5000",), edge.target_group, edge.elsewhere_healthy, {"5000 health check path"}),
    Case("http api", ("HTTP API",), edge.http_api, edge.untrusting_api,
         {"HTTP API audience is the pool's clients"}),
    Case("route", (edge.HEALTH, edge.BACKTESTS), edge.http_api, edge.open_backtests, {f"{edge.BACKTESTS} auth"}),
    Case("dashboard", ("dashboard",), edge.dashboard, edge.no_dashboard, {"dashboard count"}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AWS of this process, empty, with credentials that mean nothing."""
    for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    with mock_aws():
        yield


def read(case: Case) -> list[Reading]:
    asked = [c for c in load_checks(ENV) if c.kind == case.kind and c.subject in case.subjects]
    return readings(Live(client, ENV), [check for check in asked if check.fact not in case.beyond])


def disagreements(rows: list[Reading]) -> dict[str, str]:
    return {row.check.what: str(row.value) for row in rows if not row.agrees}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_documented_values_agree_and_a_wrong_one_is_noticed(case: Case) -> None:
    case.make()
    right = read(case)
    case.spoil()

    assert right
    assert disagreements(right) == {}
    assert set(disagreements(read(case))) == case.wrong


@pytest.mark.parametrize(("repositories", "wrong"), [(1, set()), (0, {"packages repositories"})])
def test_a_package_registry_without_repository_is_noticed(repositories: int, wrong: set[str]) -> None:
    packages = persistent.codeartifact(repositories)
    checks = [check for check in load_checks(ENV) if check.kind == "codeartifact"]

    rows = readings(Live(lambda _service: packages, ENV), checks)

    assert set(disagreements(rows)) == wrong


def test_every_kind_of_the_fixture_is_proven_here() -> None:
    assert {case.kind for case in CASES} | {"codeartifact"} == set(READERS)
    assert {check.kind for check in load_checks(ENV)} == set(READERS)


class Rotating:
    """RDS-managed credentials rotate inside Secrets Manager, which moto does not join to its RDS."""

    def describe_secret(self, **_named: str) -> dict[str, Any]:
        return {"RotationEnabled": True, "RotationRules": {"AutomaticallyAfterDays": self.days}}

    def __init__(self, days: int) -> None:
        self.days = days


@pytest.mark.parametrize(("days", "agrees"), [(30, True), (31, False)])
def test_the_days_between_rotations_are_read_from_the_managed_secret(days: int, agrees: bool) -> None:
    foundation.database()
    fact = "credentials rotate after days"
    checks = [check for check in load_checks(ENV) if check.fact == fact]

    def clients(service: str) -> Any:
        return Rotating(days) if service == "secretsmanager" else client(service)

    assert [row.agrees for row in readings(Live(clients, ENV), checks)] == [agrees]


def test_nothing_deployed_is_a_table_of_missing_values_and_exit_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--env", ENV, "--section", "002 §6"]) == 1

    printed = capsys.readouterr().out
    assert "missing" in printed
    assert "0 of 9 values agree" in printed


def test_queues_as_documented_are_exit_zero(capsys: pytest.CaptureFixture[str]) -> None:
    foundation.queues()

    assert main(["--env", ENV, "--section", "002 §6"]) == 0
    assert "9 of 9 values agree" in capsys.readouterr().out
