"""A thousand Ready environments under one operator: its restart, its idleness, its answer to an edit and to a crash.

Must never count what prepared the thousand: the operator begins after they stand.
"""

import asyncio
import os
import re
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from tools.bench.bed import Bed, bed, say
from tools.bench.cpu import CpuClock
from tools.bench.figures import Figure, Report, percentile
from tools.bench.moments import engine_spoke_at, new_run, until
from tools.bench.standing import kubeconfig, sample, stand
from tradai_iac.blueprints import BLUEPRINTS
from tradai_sandbox import lifecycle

_COUNT: Final = 1000
_EDITS: Final = 20
_SETTLE_SECONDS: Final = 10.0
_MEGABYTE: Final = 1e6
_NAME: Final = "fleet of 1,000"
_EDITED: Final = "edited"
#: The last note of all.
_CRASH: Final = "crash"
#: Seconds between two looks by the default schedule.
_INTERVAL: Final = 6 * 3600


def thousand(minutes: float) -> Report:
    """Figures of the issue's second and third aim; `minutes` is how long the idle operator is looked at."""
    with bed(latency="0ms", operator=False) as place, kubeconfig(place.env["KUBECONFIG"]):
        say(f"{_COUNT} environments are made to stand")
        asyncio.run(stand(_bodies(), place.env))
        first = _caught_up(place)
        _stop(place, signal.SIGTERM)
        again = _caught_up(place)
        time.sleep(_SETTLE_SECONDS)
        quiet = {"runs": len(place.runs()), "writes": [write.what for write in place.writes()]}
        idle = _idle(place, min(minutes, 5.0) * 60)
        edits = _edits(place)
        resumed = _crash(place)
        looks = [_look(place, layer) for layer in BLUEPRINTS["sample"].layer_names]
    return [*_figures(first, again, quiet, idle, edits, resumed), *_cost_of_drift(looks)], {
        "started": first, "restarted": again, "quiet": quiet, "idle": idle, "edits": edits, "resumed": resumed,
        "looks": looks,
    }  # fmt: skip


def _bodies() -> Iterator[dict[str, Any]]:
    for number in range(_COUNT):
        yield sample(f"standing-{number:04}", f"eph-s{number:04}")


def _caught_up(place: Bed) -> float:
    """Starts the operator; seconds from its process's start until it has decided upon every environment."""
    lifecycle.up(place.layout.root, lambda _: None, with_operator=True)
    until(lambda: (_known(place) >= _COUNT) or None)
    return time.time() - place.operator().create_time()


def _known(place: Bed) -> int:
    """How many environments the operator has decided upon, by its own metrics."""
    return sum(
        float(value) > 0
        for value in re.findall(r"^tradai_environment_ready\{.*\} (\S+)$", place.metrics(), re.MULTILINE)
    )


def _stop(place: Bed, how: signal.Signals) -> None:
    operator = place.operator()
    operator.send_signal(how)
    operator.wait(30)


def _idle(place: Bed, seconds: float) -> dict[str, float]:
    """What the operator takes while nothing happens."""
    operator, asked = place.operator(), _asked(place)
    before = CpuClock.of(operator)
    time.sleep(seconds)
    spent, requests = CpuClock.of(operator).since(before), _asked(place)
    minutes = seconds / 60
    return {
        "core": 100 * spent / seconds,
        "memory": operator.memory_info().rss / _MEGABYTE,
        "reads": (requests["reads"] - asked["reads"]) / _COUNT / minutes,
        "writes": (requests["writes"] - asked["writes"]) / _COUNT / minutes,
        "minutes": minutes,
    }


def _asked(place: Bed) -> dict[str, int]:
    """Reads and writes of the operator so far."""
    reads = place.requests({"get", "list", "watch"})
    return {"reads": len(reads), "writes": len(place.writes())}


def _edits(place: Bed) -> list[float]:
    """Seconds from edits of one environment that runs for real to the engine's first event."""
    body = sample(_EDITED, "eph-edited")
    place.apply(body)
    place.wait_ready(_EDITED)
    return [_edit(place, number) for number in range(_EDITS)]


def _edit(place: Bed, number: int) -> float:
    known, began = place.runs(), time.time()
    _note(place, f"edit {number}")
    run = new_run(place, "work", known)
    spoke = until(lambda: engine_spoke_at(run))
    place.wait_ready(_EDITED)
    return spoke - began


def _note(place: Bed, note: str) -> None:
    place.patch("tradaienv", _EDITED, {"spec": {"layers": _noted(note)}})


def _noted(note: str) -> dict[str, Any]:
    """The layers of a manifest whose `work` has that note."""
    return {"work": {"config": {"note": note}}}


def _crash(place: Bed) -> float:
    """Seconds from the operator's sudden death in mid-run until its successor has seen the run's end."""
    known = place.runs()
    _note(place, _CRASH)
    new_run(place, "work", known)
    _stop(place, signal.SIGKILL)
    died = time.time()
    lifecycle.up(place.layout.root, lambda _: None, with_operator=True)
    place.wait_ready(_EDITED)
    return time.time() - died


def _look(place: Bed, layer: str) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of one look for drift at a layer, which is a run like any other."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(sample(_EDITED, "eph-edited", layers=_noted(_CRASH)), file)
        file.flush()
        before = os.times()
        place.run("tradai", "infra", "drift", layer, "eph-edited", "--file", file.name)
        after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return after.elapsed - before.elapsed, cpu


def _cost_of_drift(looks: list[tuple[float, float]]) -> list[Figure]:
    """What looking adds where nothing drifts: `looks` has one of each layer."""
    wall, cpu = (sum(each) for each in zip(*looks, strict=True))
    return [
        Figure(_NAME, "drift: one look at every layer of one environment", wall, "s"),
        Figure(_NAME, "drift: CPU of that", cpu, "s"),
        Figure(_NAME, "drift: looks at all of them every 6 h, of one core", 100 * cpu * _COUNT / _INTERVAL, "%"),
    ]


def _figures(
    first: float,
    again: float,
    quiet: Mapping[str, Any],
    idle: Mapping[str, float],
    edits: list[float],
    resumed: float,
) -> list[Figure]:
    return [
        Figure(_NAME, "operator's start to all decided upon", first, "s", 5),
        Figure(_NAME, "the same after a restart", again, "s", 5),
        Figure(_NAME, "runs that this caused", quiet["runs"], "", 0),
        Figure(_NAME, "API writes that this caused", len(quiet["writes"]), "", 0),
        Figure(_NAME, "idle, of one core", idle["core"], "%", 0.5),
        Figure(_NAME, "resident", idle["memory"], "MB", 150),
        Figure(_NAME, "API reads per environment and minute", idle["reads"], ""),
        Figure(_NAME, "API writes per environment and minute", idle["writes"], ""),
        Figure(_NAME, "spec edit to first engine event, p95", percentile(edits, 0.95), "s", 3),
        Figure(_NAME, "operator's crash in mid-run to Ready again", resumed, "s", 15),
    ]
