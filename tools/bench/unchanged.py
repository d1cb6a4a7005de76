"""`unchanged`: what a Ready environment costs while nothing changes; and that the operator is not blind.

The CPU figures: what an idle operator takes of a core, which is its Lease and its watches; and one round of four
no-change `up` runs of the bare engine, which is what finding out that nothing changed costs once, over what the
operator spends on knowing it all through the period. The processes that the engine does not wait for are missing from
its side, and the operator's is never taken for less than one tick of the clock, so the ratio is a lower bound. Must
never count less than happened: runs are compared as sets, and a log of writes that never showed one is an error.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.bench.bed import Bed, Request, bed
from tools.bench.cpu import TICK_SECONDS, CpuClock
from tools.bench.figures import Figure, Report
from tools.bench.moments import asked_at, new_run
from tradai_iac.blueprints import BLUEPRINTS
from tradai_sandbox import lifecycle

#: Long enough for a restarted operator to list, look, and find nothing to do.
_SETTLE_SECONDS = 20.0
#: The events that tell of Ready follow the status that says it; they belong to becoming Ready and are told apart.
_LAST_WORDS_SECONDS = 5.0
_ACTED_SECONDS = 5.0
#: As of an operator with a thousand environments.
_IDLE_PERCENT = 0.5


@dataclass(frozen=True)
class Quiet:
    """A stretch without changes: CPU seconds before and of the restart, runs and writes that happened all the same.

    Writes as `seconds after Ready: what`; `last_words` are those that becoming Ready brought with it.
    """

    idle: float
    restart: float
    runs: list[str]
    writes: list[str]
    last_words: list[str]


def unchanged(minutes: float) -> Report:
    """`minutes` without changes, a restart, four changes; then the bare engine's no-change runs."""
    with bed(latency="0ms", operator=True) as place:
        place.deploy()
        quiet = _look_on(place, minutes * 60)
        seen = _not_blind(place)
    engine = _no_change_cpu()
    period = f"{minutes:g} minutes"
    figures = [
        Figure("unchanged", f"runs in {period} and a restart", len(quiet.runs), "", 0),
        Figure("unchanged", f"API writes in {period} and a restart", len(quiet.writes), "", 0),
        Figure("unchanged", f"operator CPU in {period}", quiet.idle, "s"),
        Figure("unchanged", "idle, of one core", 100 * quiet.idle / (minutes * 60), "%", _IDLE_PERCENT),
        Figure("unchanged", "operator CPU of a restart", quiet.restart, "s"),
        Figure("unchanged", "CPU of four no-change bare runs, once", sum(engine.values()), "s"),
        Figure(
            "unchanged",
            f"those four over the operator's {period}",
            sum(engine.values()) / max(quiet.idle, TICK_SECONDS),
            "x",
        ),
        *[Figure("not blind", name, seconds, "s", _ACTED_SECONDS) for name, seconds in seen.items()],
    ]
    return figures, {"quiet": vars(quiet), "engine": engine, "not blind": seen}


def _look_on(place: Bed, seconds: float) -> Quiet:
    ready = time.time()
    time.sleep(_LAST_WORDS_SECONDS)
    runs, writes = place.runs(), place.writes()
    if not runs or not writes:
        raise RuntimeError(f"{len(runs)} runs and {len(writes)} writes built an environment: what counts them is wrong")
    operator = place.operator()
    before = CpuClock.of(operator)
    time.sleep(seconds)
    idle = CpuClock.of(operator).since(before)
    restart = _restart(place)
    return Quiet(
        idle,
        restart,
        runs=sorted(map(str, place.runs() - runs)),
        writes=_since(ready, place.writes()[len(writes) :]),
        last_words=_since(ready, [write for write in writes if write.at > ready]),
    )


def _since(ready: float, writes: list[Request]) -> list[str]:
    return [f"{write.at - ready:.3f} s: {write.what}" for write in writes]


def _restart(place: Bed) -> float:
    old = place.operator()
    old.terminate()
    old.wait(30)
    lifecycle.up(place.layout.root, lambda _: None)
    time.sleep(_SETTLE_SECONDS)
    return CpuClock.of(place.operator()).since(CpuClock())


def _no_change_cpu() -> dict[str, float]:
    with bed(latency="0ms", operator=False) as place:
        for layer in BLUEPRINTS["tradai"].layer_names:
            place.bare(layer)
        return {layer: place.bare(layer)[1] for layer in BLUEPRINTS["tradai"].layer_names}


def _not_blind(place: Bed) -> dict[str, float]:
    """Seconds from a change to the first journal entry of the run that it causes."""
    seen = {
        "a changed Secret": _acted(place, "foundation", lambda: _change_secret(place)),
        "a changed config": _acted(place, "edge", lambda: _configure(place, "edge", _ORIGINS)),
    }
    known = place.runs()
    seen["a changed spec"] = _acted(place, "persistent", lambda: _configure(place, "persistent", _REPOSITORIES))
    upstream, reader = new_run(place, "persistent", known).result(), new_run(place, "compute", known)
    if upstream is None:
        raise RuntimeError("the upstream run left no result")
    seen["a changed upstream output"] = asked_at(reader) - upstream.finished_at
    return seen


_ORIGINS = {"corsAllowedOrigins": ["https://bench.example"]}
_REPOSITORIES = {"strategyRepositories": ["bench"]}


def _configure(place: Bed, layer: str, config: Mapping[str, Any]) -> None:
    place.patch("tradaienv", "dev", {"spec": {"layers": {layer: {"config": config}}}})


def _change_secret(place: Bed) -> None:
    place.patch("secret", "tradai-secrets", {"stringData": {"jwt-secret": "another"}})


def _acted(place: Bed, layer: str, change: Callable[[], None]) -> float:
    known, began = place.runs(), time.time()
    change()
    run = new_run(place, layer, known)
    place.wait_ready()
    return asked_at(run) - began
