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
from tests.unit.documents import cases_tasks as tasks
from tests.unit.documents import cases_watch as watch
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
MLFLOW = f"mlflow.{tasks.NAMESPACE}"
EXPORTS = ("foundation vpc_id", "foundation public_subnet_ids", "persistent dynamodb_workflow_state_table_arn")
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
    Case("dashboard", ("dashboard",), edge.dashboard, edge.no_dashboard, {"dashboard count", "dashboard shows"}),
    Case("task definition", (tasks.LIVE,), tasks.definition, tasks.small_definition, {f"{tasks.LIVE} cpu"}),
    Case("ecs service", (tasks.LIVE,), tasks.services, tasks.live_trading_stands,
         {f"{tasks.LIVE} desired count"}),
    Case("compute", ("services",), tasks.consolidated, tasks.two_instances,
         {"services of each standing service"}, frozenset({"strategies on"})),
    Case("instance", ("consolidated instance",), tasks.consolidated, tasks.two_instances,
         {"consolidated instance sizes"}),
    Case("dns name", (MLFLOW,), tasks.names, tasks.no_mlflow,
         {f"{MLFLOW} {fact}" for fact in ("namespace", "kind")}, frozenset({"resolves in"})),
    Case("namespace", (tasks.NAMESPACE,), tasks.names, tasks.no_mlflow, {f"{tasks.NAMESPACE} names"}),
    Case("state machine", (tasks.BACKTEST,), tasks.state_machine, tasks.short_machine, {f"{tasks.BACKTEST} states"}),
    Case("function", (tasks.HEALTH_CHECK,), tasks.image_function, tasks.slow_function,
         {f"{tasks.HEALTH_CHECK} trigger"}),
    Case("functions", ("functions",), tasks.all_functions, tasks.one_schedule_less, {"functions scheduled"}),
    Case("role", (watch.CLI,), watch.cli_role, watch.powerless_cli, {f"{watch.CLI} grants"}),
    Case("web acl", ("web ACL",), watch.web_acl, watch.generous_acl, {"web ACL rule RateLimitRule"}),
    Case("alarm", (watch.RDS_CPU, watch.LATENCY), watch.alarms, watch.patient_alarm, {f"{watch.LATENCY} threshold"}),
    Case("error alarms", ("errors",), watch.error_alarms, watch.one_alarm_less, {"errors functions"}),
    Case("output", EXPORTS, watch.exported, watch.another_vpc_exported,
         {f"{EXPORTS[0]} names", f"{EXPORTS[1]} names"}),
    Case("count", ("buckets",), watch.buckets, watch.one_bucket_more, {"buckets count"}),
    Case("tag", ("Owner",), watch.tagged, watch.another_owner, {"Owner values"}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AWS of this process, empty, with credentials that mean nothing.

    Empty of the 1285 images, too, that moto would build for each test: `handmade.image` makes the few that are needed.
    """
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.subjects[0]}")
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


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        (("rds-cpu", "rds-storage", "stale-heartbeat", "dlq-depth"), set()),
        (("rds-cpu", "rds-storage"), {"platform health over"}),
    ],
)
def test_a_composite_alarm_without_one_of_its_parts_is_noticed(parts: tuple[str, ...], wrong: set[str]) -> None:
    checks = [check for check in load_checks(ENV) if check.kind == "composite alarm"]

    rows = readings(Live(lambda _service: watch.Composite(*parts), ENV), checks)

    assert set(disagreements(rows)) == wrong


def test_every_kind_of_the_fixture_is_proven_here() -> None:
    assert {case.kind for case in CASES} | {"codeartifact", "composite alarm"} == set(READERS)
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
