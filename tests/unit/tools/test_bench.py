"""The benchmark's arithmetic, and that the yardstick is what it claims to be."""

import ast
import json
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.bench.bed import Bed, Request
from tools.bench.cpu import CpuClock
from tools.bench.demo import parts
from tools.bench.figures import Figure, critical_path, longest_chain, percentile, waited_for_images
from tools.bench.moments import engine_spoke_at, timeline
from tradai_runner.contract import Progress, RunResult, Update
from tradai_runner.journal.local import RunJournal
from tradai_sandbox.layout import Layout

BARE = Path(__file__).parents[3] / "tools" / "bench" / "bare.py"
READS = {"p": frozenset[str](), "f": frozenset[str](), "c": frozenset({"p", "f"}), "e": frozenset({"p", "c"})}


def test_the_critical_path_is_the_longest_chain() -> None:
    assert critical_path({"p": 5, "f": 9, "c": 3, "e": 2}, READS) == 14


@given(st.lists(st.floats(0, 100), min_size=4, max_size=4))
def test_the_critical_path_lies_between_the_longest_layer_and_the_sum(samples: list[float]) -> None:
    seconds = dict(zip("pfce", samples, strict=True))
    assert max(samples) <= critical_path(seconds, READS) <= sum(samples) + 1e-9


def test_the_longest_chain_counts_its_layers() -> None:
    assert longest_chain(READS) == 3


@pytest.mark.parametrize(
    ("count", "share", "rank"),
    [(1, 0.95, 1), (10, 0.5, 5), (12, 0.5, 6), (12, 0.95, 12), (20, 0.95, 19), (100, 0.95, 95), (100, 0.5, 50)],
)
def test_a_percentile_is_the_nearest_rank(count: int, share: float, rank: int) -> None:
    assert percentile([float(n) for n in range(count, 0, -1)], share) == rank


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="samples"):
        percentile([], 0.5)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_a_percentile_is_one_of_the_samples_and_grows(samples: list[float]) -> None:
    assert percentile(samples, 0.5) in samples
    assert min(samples) <= percentile(samples, 0.5) <= percentile(samples, 0.95) <= max(samples)


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        (Figure("s", "n", 1.2, "x", 1.15), False),
        (Figure("s", "n", 1.1, "x", 1.15), True),
        (Figure("s", "n", 250, "x", 200, "at least"), True),
        (Figure("s", "n", 1, "s"), None),
    ],
)
def test_a_figure_knows_whether_its_target_holds(figure: Figure, holds: bool | None) -> None:
    assert figure.holds is holds


def test_the_bare_script_is_short_and_imports_nothing_of_the_runner_or_the_operator() -> None:
    text = BARE.read_text()
    assert len(text.splitlines()) <= 60
    imported = {node.module or "" for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    imported |= {a.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for a in node.names}
    assert not [name for name in imported if name.startswith(("tradai_runner", "tradai_operator", "tradai_cli"))]


DEMO = """
   3.2 s  persistent  Running   0 resources
Outputs of compute:
  alb_arn  arn:aws:9.9

Where the time went
 part            resources  seconds
 sandbox up                 4.9
 persistent      120        16
 foundation      101        20
 compute                    4
 apply to Ready             33.0

The sandbox goes on running. To look around:
"""


def test_the_parts_of_the_demo_are_read_from_its_table_alone() -> None:
    assert parts(DEMO) == {
        "sandbox up": 4.9,
        "persistent": 16,
        "foundation": 20,
        "compute": 4,
        "apply to Ready": 33.0,
    }


def _journal(path: Path) -> RunJournal:
    journal = RunJournal(path / "uid" / "edge" / "run")
    request = Update(
        run_id="run",
        layer="edge",
        environment="dev",
        account_id="1",
        region="r",
        backend_url="b",
    )
    journal.open(request)
    return journal


def test_the_engine_spoke_when_its_first_event_came_however_far_the_run_has_got(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    assert engine_spoke_at(journal) is None
    journal.append(Progress(phase="starting", at=1.0))
    assert engine_spoke_at(journal) is None
    for phase, at in (("running", 2.0), ("running", 3.0), ("finishing", 4.0)):
        journal.append(Progress.model_validate({"phase": phase, "at": at}))
    assert engine_spoke_at(journal) == 2.0


def test_the_stretches_of_a_run_add_up_to_the_whole(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    journal.append(Progress(phase="running", at=3e9 + 2))
    journal.finish(
        RunResult(
            run_id="run",
            layer="edge",
            operation="up",
            outcome="succeeded",
            started_at=3e9,
            finished_at=3e9 + 7,
        )
    )
    seen = timeline(journal, began=0.0)
    assert (seen["selecting"], seen["engine"]) == (2, 5)
    assert seen["asked"] + seen["starting"] + seen["selecting"] + seen["engine"] == pytest.approx(seen["finished"])


def test_cpu_time_below_a_tick_is_seen_and_that_of_ended_threads_too() -> None:
    assert CpuClock(ticks=1.0, exact=1.004).since(CpuClock(ticks=1.0, exact=1.0)) == pytest.approx(0.004)
    assert CpuClock(ticks=1.5, exact=0.2).since(CpuClock(ticks=1.0, exact=0.3)) == pytest.approx(0.5)


def test_the_cpu_clock_of_a_living_process_runs() -> None:
    before = CpuClock.of(psutil.Process())
    sum(number * number for number in range(100_000))
    assert CpuClock.of(psutil.Process()).since(before) > 0


OPERATOR = "system:serviceaccount:tradai-system:tradai-operator"


@pytest.mark.parametrize(
    ("user", "verb", "resource", "stage", "what"),
    [
        (OPERATOR, "patch", {"resource": "things", "subresource": "status"}, "ResponseComplete", "patch things/status"),
        (OPERATOR, "create", {"resource": "events"}, "ResponseComplete", "create events"),
        (OPERATOR, "create", {"resource": "leases"}, "ResponseComplete", None),
        (OPERATOR, "watch", {"resource": "things"}, "ResponseComplete", None),
        (OPERATOR, "patch", {"resource": "things"}, "ResponseStarted", None),
        ("admin", "patch", {"resource": "things"}, "ResponseComplete", None),
    ],
)
def test_only_the_operators_completed_writes_count_and_leases_do_not(
    tmp_path: Path, user: str, verb: str, resource: dict[str, str], stage: str, what: str | None
) -> None:
    place = Bed(Layout(tmp_path), {})
    place.layout.audit_log.parent.mkdir()
    entry = {
        "user": {"username": user},
        "verb": verb,
        "objectRef": resource,
        "stage": stage,
        "requestReceivedTimestamp": "1970-01-01T00:00:01.500000Z",
    }
    place.layout.audit_log.write_text(json.dumps(entry) + '\n{"half": "wri')
    assert place.writes() == ([] if what is None else [Request(1.5, what)])


@pytest.mark.parametrize(
    ("pushed", "waited"), [(4.0, 0.0), (9.0, 0.0), (11.5, 2.5)], ids=["early", "just in time", "late"]
)
def test_only_the_time_in_which_nothing_but_images_is_missing_is_waiting_for_them(pushed: float, waited: float) -> None:
    finished = {"p": 5.0, "f": 9.0, "c": 20.0, "e": 22.0}
    assert waited_for_images(pushed, finished, READS, frozenset({"c"})) == pytest.approx(waited)


def test_nobody_waits_for_images_where_no_layer_has_any() -> None:
    assert waited_for_images(100.0, {}, READS, frozenset()) == 0
