"""What stays in the state bucket of old runs, and what goes."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runner.objects import Objects
from tradai_runner.bucket import keys as backend
from tradai_runner.process.writes import bucket_point
from tradai_runner.retention import YOUNG_SECONDS, outdated, places, prune

NOW = 1_800_000_000.0
DAY = 86400.0
RUNS = ".tradai/runs/tradai-edge/dev/"
BY_RUN = {
    name: made
    for name, made in inspect.getmembers(backend, inspect.isfunction)
    if name.endswith("_key") and "run_id" in inspect.signature(made).parameters and made is not backend.opened_key
}


def run(age_days: float, file: str = "log.txt") -> str:
    return f"{RUNS}{datetime.fromtimestamp(NOW - age_days * DAY, UTC):%Y%m%dT%H%M%S}-3f9a/{file}"


def test_the_newest_runs_stay_with_all_their_files() -> None:
    keys = [run(age, file) for age in (3, 4, 5) for file in ("log.txt", "plan.json", "result.json")]
    assert outdated(keys, 2, NOW) == [run(5, file) for file in ("log.txt", "plan.json", "result.json")]


def test_what_is_young_stays_however_many_there_are() -> None:
    assert outdated([run(age / 100) for age in range(199)], 1, NOW) == []


def test_what_has_no_age_in_its_name_stays() -> None:
    assert outdated([f"{RUNS}latest", f"{RUNS}by-hand/log.txt", run(9), run(8)], 1, NOW) == [run(9)]


def test_the_engines_own_files_go_by_their_nanoseconds() -> None:
    root = ".pulumi/history/tradai-edge/dev/dev-"
    old, new = (f"{int((NOW - age * DAY) * 1e9)}" for age in (9, 8))
    keys = [f"{root}{stamp}.{kind}.json" for stamp in (new, old) for kind in ("history", "checkpoint")]
    assert outdated(keys, 1, NOW) == [f"{root}{old}.checkpoint.json", f"{root}{old}.history.json"]


@given(st.lists(st.integers(0, 2000), unique=True), st.integers(1, 100))
def test_never_more_goes_than_is_old_and_never_any_of_the_newest(hours: list[int], kept: int) -> None:
    keys = {run(hour / 24): hour for hour in hours}
    gone = outdated(keys, kept, NOW)
    assert all(keys[key] * 3600 > YOUNG_SECONDS for key in gone)
    newest = sorted(keys, key=lambda key: keys[key])[:kept]
    assert not set(gone) & set(newest)
    assert len(keys) - len(gone) <= max(kept, sum(hour * 3600 <= YOUNG_SECONDS for hour in hours))


def test_a_state_and_other_stacks_are_never_touched() -> None:
    others = [
        ".pulumi/stacks/tradai-edge/dev.json",
        run(90).replace("/dev/", "/prod/"),
        ".tradai/owner/tradai-edge/dev.json",
    ]
    store = Objects(
        dict.fromkeys([*others, run(90), run(80), ".tradai/backups/tradai-edge/dev/20250101T000000-3f9a.json"], b"")
    )
    assert prune(store, "tradai-edge", "dev", 1, NOW) == 1
    assert set(others) < set(store.keys(""))


@pytest.mark.parametrize("made", BY_RUN.values(), ids=BY_RUN)
def test_whatever_is_kept_by_run_goes_with_its_run(made: Callable[..., str]) -> None:
    def kept(age_days: float) -> str:
        run_id = run(age_days).removeprefix(RUNS).partition("/")[0]
        return made("tradai-edge", "dev", run_id, *["x.json"] * (len(inspect.signature(made).parameters) - 3))

    store = Objects(dict.fromkeys([kept(1), kept(8), kept(9)], b""))
    assert prune(store, "tradai-edge", "dev", 2, NOW) == 1
    assert set(store.keys()) == {kept(1), kept(8)}


def test_what_an_open_run_could_not_save_stays_until_it_was_looked_up() -> None:
    old, older = (run(age).removeprefix(RUNS).partition("/")[0] for age in (80, 90))
    opened, kept, gone = (
        backend.opened_key("tradai-edge", "dev", older),
        backend.unsaved_key("tradai-edge", "dev", older),
        backend.unsaved_key("tradai-edge", "dev", old),
    )
    store = Objects(
        dict.fromkeys([opened, kept, gone, backend.unsaved_key("tradai-edge", "dev", "20270101T000000-1")], b"")
    )
    assert prune(store, "tradai-edge", "dev", 1, NOW) == 1
    assert {opened, kept} <= set(store.keys())


def test_what_is_cleared_away_has_its_point() -> None:
    points = [bucket_point("delete", place) for place in places("tradai-edge", "dev")]
    assert [point for point in points if point.startswith("bucket.other")] == []
