"""Metrics: what the loops tell is counted under the names of the rows, with labels of few values."""

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from tests.fakes.bodies import body
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import FakeImages, World
from tradai_iac.failure import Failure
from tradai_iac.images.wanted import Registry, WantedImage
from tradai_operator.adapters.web.meters import Meters
from tradai_operator.adapters.web.telemetry import LiveTelemetry, WatchedImages
from tradai_operator.model import EnvironmentStatus, NoticeStatus
from tradai_operator.model.times import moment
from tradai_operator.ports import ClusterError, ConflictError, Ref
from tradai_operator.status import dashboard, metrics
from tradai_operator.status.metrics import METRICS
from tradai_runner.process.tracing import Tracing

REF = Ref("tradai", "dev", "uid-1")
IMAGE = WantedImage(component="backend", kind="service", repository="tradai/backend-dev", tag="latest")
REGISTRY = Registry(account_id="123456789012", region="eu-central-1", environment="dev")
#: No label takes what a person, a program or AWS wrote; the two names stand on one metric, documented as such.
BOUNDED = {"version", "outcome", "layer", "operation", "class", "source", "phase", "reason", "state", "kind", "drift"}


def samples(meters: Meters) -> dict[str, float]:
    """`name{label="value"}` → value, of our own metrics."""
    found = {}
    for family in text_string_to_metric_families(meters.expose().decode()):
        for sample in family.samples:
            labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return {name: value for name, value in found.items() if name.startswith("tradai_")}


@pytest.fixture
def meters() -> Meters:
    return Meters("1.2.3", names=True)


@pytest.fixture
def drive(meters: Meters) -> Drive:
    return Drive(World(real_telemetry=LiveTelemetry(meters, Tracing())), body())


async def test_a_build_is_seen_under_way_and_after_it(drive: Drive, meters: Meters) -> None:
    await drive.turn()
    during = samples(meters)
    assert during['tradai_runs_under_way{layer="persistent",operation="up"}'] == 1
    assert during['tradai_environments{phase="Building"}'] == 1
    assert during['tradai_layers{layer="compute",state="Blocked"}'] == 1
    assert during['tradai_environment_ready{name="dev",namespace="tradai"}'] == 0
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    drive.world.executor.succeed("compute", {"alb_dns_name": "a"})
    await drive.turn()
    drive.world.executor.succeed("edge", {})
    drive.world.clock.time += 1
    await drive.turn()
    after = samples(meters)
    assert after['tradai_run_seconds_count{layer="edge",operation="up",outcome="succeeded"}'] == 1
    assert after['tradai_run_seconds_sum{layer="edge",operation="up",outcome="succeeded"}'] == 1
    assert after['tradai_environments{phase="Ready"}'] == 1
    assert after['tradai_environment_ready{name="dev",namespace="tradai"}'] == 1
    assert not [name for name in after if name.startswith("tradai_runs_under_way{")]


async def test_what_is_shown_of_an_environment_is_kept_once(drive: Drive, meters: Meters) -> None:
    await drive.build()
    drive.restart()
    await drive.turn()
    assert meters._standing.known[drive.uid][1] is drive.loop._writer.memory.status


@pytest.mark.parametrize("kind", ["Unknown", "StateGone", "StateDamaged"])
async def test_what_nobody_knows_and_what_is_wrong_with_a_state_count_by_themselves(
    drive: Drive, meters: Meters, kind: str
) -> None:
    await drive.turn()
    drive.world.executor.fail("persistent", kind, "text that nobody has seen")
    await drive.turn()
    found = samples(meters)
    assert found[f'tradai_run_failures_total{{class="{kind}",layer="persistent",operation="up"}}'] == 1
    assert not [name for name in found if name.startswith("tradai_aws_errors_total") and f'"{kind}"' in name]


async def test_a_failure_counts_by_class_and_as_an_error_of_aws_where_it_is_one(drive: Drive, meters: Meters) -> None:
    await drive.turn()
    drive.world.executor.fail("persistent", "Throttled")
    drive.world.executor.fail("foundation", "Program")
    await drive.turn()
    found = samples(meters)
    assert found['tradai_run_failures_total{class="Throttled",layer="persistent",operation="up"}'] == 1
    assert found['tradai_run_failures_total{class="Program",layer="foundation",operation="up"}'] == 1
    assert found['tradai_aws_errors_total{class="Throttled",source="run"}'] == 1
    assert 'tradai_aws_errors_total{class="Program",source="run"}' not in found
    assert found['tradai_environments_waiting{reason="person"}'] == 1


async def test_a_layer_that_stands_on_a_failure_is_shown_until_its_next_run_begins(
    drive: Drive, meters: Meters
) -> None:
    await drive.turn()
    drive.world.executor.fail("persistent", "Throttled")
    await drive.turn()
    assert samples(meters)['tradai_layers_failed{class="Throttled",layer="persistent"}'] == 1
    drive.world.clock.time += 3600
    await drive.turn()
    assert not [name for name in samples(meters) if name.startswith("tradai_layers_failed")]


def test_attempts_to_tell_people_count_by_how_they_ended(meters: Meters) -> None:
    failed = NoticeStatus(digest="d1", kind="Approval", attempts=1, error="410 Gone")
    again = failed.model_copy(update={"attempts": 2})
    done = NoticeStatus(digest="d1", kind="Approval", delivered_at=moment(100.0))
    strange = NoticeStatus(digest="d2", kind="OfANewerVersion", attempts=1, error="410 Gone")
    seen = [EnvironmentStatus(), *(EnvironmentStatus(notices=(it,)) for it in (failed, again, again, done))]
    seen += [EnvironmentStatus(notices=(done, strange))]
    LiveTelemetry(meters, Tracing()).saw(REF, seen)
    found = {name: value for name, value in samples(meters).items() if name.startswith("tradai_notice")}
    assert found == {
        'tradai_notice_attempts_total{kind="Approval",outcome="failed"}': 2,
        'tradai_notice_attempts_total{kind="Approval",outcome="delivered"}': 1,
        'tradai_notice_attempts_total{kind="Other",outcome="failed"}': 1,
    }


async def test_an_environment_that_is_gone_leaves_no_series(drive: Drive, meters: Meters) -> None:
    await drive.turn()
    drive.loop._ports.telemetry.gone("uid-1")
    assert not [name for name in samples(meters) if name.startswith(("tradai_environment", "tradai_layers"))]


def test_turns_count_by_how_they_ended(meters: Meters) -> None:
    telemetry = LiveTelemetry(meters, Tracing())
    with telemetry.turn(REF):
        assert telemetry.longest_turn() > 0
    assert telemetry.longest_turn() == 0
    for error in (ConflictError("late"), ClusterError("down"), KeyError("bug")):
        with pytest.raises(type(error)), telemetry.turn(REF):
            raise error
    found = samples(meters)
    counts = {outcome: found[f'tradai_reconcile_seconds_count{{outcome="{outcome}"}}'] for outcome in _OUTCOMES}
    assert counts == {"done": 1, "superseded": 1, "failed": 2}


_OUTCOMES = ("done", "superseded", "failed")


def test_a_bug_in_telling_is_a_log_line_and_no_failed_turn(meters: Meters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "stands", None)
    with capture_logs() as said:
        LiveTelemetry(meters, Tracing()).saw(REF, [EnvironmentStatus()])
    assert [line["event"] for line in said] == ["telemetry failed"]


async def test_looks_for_images_count_and_their_failures_are_of_aws(meters: Meters) -> None:
    images = FakeImages()
    watched = WatchedImages(images, meters)
    await watched.resolve(REGISTRY, [IMAGE])
    images.missing = {"backend"}
    await watched.resolve(REGISTRY, [IMAGE])
    images.failure = Failure(kind="Credentials", error="ExpiredToken")
    await watched.resolve(REGISTRY, [IMAGE])
    found = samples(meters)
    assert [found[f'tradai_image_looks_total{{outcome="{x}"}}'] for x in ("complete", "missing", "failed")] == [1, 1, 1]
    assert found['tradai_aws_errors_total{class="Credentials",source="images"}'] == 1


def test_what_is_exposed_is_what_the_rows_say(meters: Meters) -> None:
    families = {family.name: family for family in text_string_to_metric_families(meters.expose().decode())}
    ours = {name: family for name, family in families.items() if name.startswith("tradai_")}
    assert set(ours) == {row.name for row in METRICS}
    assert {name: (family.type, family.documentation) for name, family in ours.items()} == {
        row.name: (row.kind, row.help) for row in METRICS
    }
    assert set(metrics.PROCESS_METRICS) <= {s.name for family in families.values() for s in family.samples}


def test_labels_are_bounded_but_for_the_one_metric_that_names_environments() -> None:
    assert [row.name for row in METRICS if not set(row.labels) <= BOUNDED] == ["tradai_environment_ready"]


def test_the_dashboard_shows_every_metric_and_none_that_is_not() -> None:
    expressions = [
        target["expr"] for panel in json.loads(dashboard.FILE.read_text())["panels"] for target in panel["targets"]
    ]
    words = {word for text in expressions for word in _words(text)}
    known = {sample for row in METRICS for sample in row.samples} | set(metrics.PROCESS_METRICS)
    assert {word for word in words if word.startswith(("tradai_", "process_"))} <= known
    unseen = [row.name for row in METRICS if not words & set(row.samples)]
    assert unseen == []


def _words(expression: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in expression).split())


def test_the_dashboard_is_what_its_source_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert dashboard.main(["--check"]) == 0


@pytest.mark.parametrize("names", [False, True])
async def test_no_name_is_told_unless_somebody_switched_it_on(names: bool) -> None:
    meters = Meters.chosen({"TRADAI_METRICS_NAMES": "true"} if names else {}, "1")
    drive = Drive(World(real_telemetry=LiveTelemetry(meters, Tracing())), body(name="acme-merger"))
    await drive.turn()
    exposed = meters.expose().decode()
    assert ("acme-merger" in exposed) is names
    assert ('namespace="tradai"' in exposed) is names
    assert samples(meters)['tradai_environments{phase="Building"}'] == 1, "numbers are told all the same"


@pytest.mark.parametrize("said", ["yes", "1", "True"])
def test_a_word_that_is_neither_true_nor_false_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="TRADAI_METRICS_NAMES is true or false"):
        Meters.chosen({"TRADAI_METRICS_NAMES": said}, "1")
