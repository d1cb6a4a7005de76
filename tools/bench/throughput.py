"""Thirty environments of the sample at once, by the operator and by bare scripts that are as many at a time.

Must never let one side have what the other has not: the same machine, layers, latency and number of runs at a time.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tools.bench.bed import Bed, bed, say
from tools.bench.figures import Figure, Report
from tools.bench.standing import sample
from tradai_iac.blueprints import BLUEPRINTS
from tradai_runner.journal.local import RunJournal

_COUNT: Final = 30
_MEGABYTE: Final = 1e6
_NAME: Final = "fleet of 30"


def throughput(_: float) -> Report:
    """Environments a minute of both sides, and what the operator takes meanwhile."""
    names = [f"eph-b{number:02}" for number in range(_COUNT)]
    with bed(latency="0ms", operator=True) as place:
        say(f"{_COUNT} environments by the operator")
        began = time.time()
        place.apply(*(sample(name, name) for name in names))
        for name in names:
            place.wait_ready(name)
        operators = time.time() - began
        memory = place.operator().memory_info().rss / _MEGABYTE
        at_once = most_at_once([_span(run) for run in place.journals()])
    with bed(latency="0ms", operator=False) as place:
        say(f"the same by bare scripts, {at_once} at a time")
        bare = _bare(place, names, at_once)
    return [
        Figure(_NAME, "apply to all Ready", operators, "s"),
        Figure(_NAME, "the same by bare scripts", bare, "s"),
        Figure(_NAME, "runs at a time, on both sides", at_once, ""),
        Figure(_NAME, "throughput over that of the bare scripts", bare / operators, "x", 0.9, "at least"),
        Figure(_NAME, "resident: operator", memory, "MB", 200),
    ], {"operator": operators, "bare": bare, "atOnce": at_once}


def _span(run: RunJournal) -> tuple[float, float]:
    result = run.result()
    if result is None:
        raise RuntimeError(f"{run.path} left no result")
    return result.started_at, result.finished_at


def most_at_once(spans: list[tuple[float, float]]) -> int:
    """How many spans overlap where most do."""
    moments = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    peak = now = 0
    for _, change in moments:
        now += change
        peak = max(peak, now)
    return peak


def _bare(place: Bed, names: list[str], at_once: int) -> float:
    """Seconds until every environment stands; each brings its layers up one after the other."""

    def build(name: str) -> None:
        for layer in BLUEPRINTS["sample"].layer_names:
            place.script("sample", layer, name)

    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as workers:
        made: list[Any] = [workers.submit(build, name) for name in names]
        for each in made:
            each.result()
    return time.monotonic() - began
