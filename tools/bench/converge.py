"""`converge`: from `kubectl apply` to Ready, against the bare engine; with the memory that it takes.

The bare runs start when their images are there, so the time in which ours waits for nothing else is taken off it. Must
never compare runs of one sandbox: each side gets a fresh one.
"""

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, Final

from tools.bench.bed import bed, say
from tools.bench.figures import Figure, Report, critical_path, longest_chain, waited_for_images
from tools.bench.moments import timeline, until
from tools.bench.state import StateCost, state_cost
from tools.bench.watch import RunMemory
from tradai_iac.blueprints import BLUEPRINTS

_MEGABYTE = 1_000_000
#: Of both sides without latency.
_ROUNDS: Final = 3
_READS: Final = {layer.name: frozenset(layer.reads) for layer in BLUEPRINTS["tradai"].layers}
_WITH_IMAGES: Final = frozenset(layer.name for layer in BLUEPRINTS["tradai"].layers if layer.images(layer.config()))


@dataclass(frozen=True)
class Ours:
    """What the operator needed: seconds from apply to Ready and to the last image, timelines, MB, resources, state."""

    wall: float
    pushed: float
    runs: list[dict[str, Any]]
    resident: float
    peaks: dict[str, float]
    resources: int
    state: StateCost

    @property
    def waited(self) -> float:
        """Seconds in which nothing but images was missing, which whoever pushes them answers for."""
        finished = {run["layer"]: run["finished"] for run in self.runs}
        return waited_for_images(self.pushed, finished, _READS, _WITH_IMAGES)

    @property
    def seconds(self) -> dict[str, float]:
        """Layer → seconds of its runners, from their first line to their result."""
        spent = dict.fromkeys(_READS, 0.0)
        for run in self.runs:
            spent[run["layer"]] += run["selecting"] + run["engine"]
        return spent


@dataclass(frozen=True)
class Round:
    """Both sides once, one after the other."""

    ours: Ours
    bare: dict[str, float]
    theirs: int
    cost: StateCost

    @property
    def wall(self) -> float:
        """Seconds that ours needed, without what it waited for images alone."""
        return self.ours.wall - self.ours.waited

    @property
    def path(self) -> float:
        """Seconds of the bare runs that wait for each other."""
        return critical_path(self.bare, _READS)


def at_80ms(_: float) -> Report:
    """With the latency of a region."""
    report = _figures("80ms", done := _round("80ms", memory=True), 0.40, 0.33)
    return report, _sample(done)


def without_latency(_: float) -> Report:
    """With an endpoint that answers as fast as it can: the fastest of some rounds of each side.

    All of it is the machine's speed, which moves from minute to minute, and whatever disturbs can only add.
    """
    rounds = [_round("0ms", memory=False) for _ in range(_ROUNDS)]
    say(f"ours and bare, round by round: {', '.join(f'{each.wall:.1f} and {each.path:.1f} s' for each in rounds)}")
    bare = min(rounds, key=lambda each: each.path)
    fastest = replace(bare, ours=min(rounds, key=lambda each: each.wall).ours)
    return _figures("0ms", fastest, 0.95, None), {"rounds": [_sample(each) for each in rounds]}


def _round(latency: str, *, memory: bool) -> Round:
    return Round(_measure_ours(latency, memory=memory), *_measure_bare(latency))


def _sample(done: Round) -> dict[str, Any]:
    ours = done.ours
    return {"wall": ours.wall, "pushed": ours.pushed, "runs": ours.runs, "seconds": ours.seconds, "bare": done.bare}


def _figures(latency: str, done: Round, path_target: float, serial_target: float | None) -> list[Figure]:
    scenario, ours, theirs, cost = f"converge {latency}", done.ours, done.theirs, done.cost
    path, serial, wall = done.path, sum(done.bare.values()), done.wall
    added = (wall - critical_path(ours.seconds, _READS)) / longest_chain(_READS)
    kept, theirs_kept = ours.state.sent + ours.state.copied, cost.sent + cost.copied
    return [
        Figure(scenario, "apply to Ready", ours.wall, "s"),
        Figure(scenario, "of it: only images were missing", ours.waited, "s"),
        Figure(scenario, "critical path of the bare runs", path, "s"),
        Figure(scenario, "over the bare critical path", wall / path, "x", path_target),
        Figure(scenario, "over the bare runs one after the other", wall / serial, "x", serial_target),
        Figure(scenario, "added by the operator per layer of the path", added, "s"),
        Figure(scenario, "layer runs", len(ours.runs), "", len(_READS)),
        Figure(scenario, "AWS resources, ours", ours.resources, ""),
        Figure(scenario, "AWS resources, bare", theirs, ""),
        Figure(scenario, "AWS resources, difference", abs(ours.resources - theirs), "", 0),
        Figure(scenario, "state calls a resource, ours", ours.state.calls / ours.resources, "", 1.5),
        Figure(scenario, "state calls a resource, bare", cost.calls / theirs, ""),
        Figure(scenario, "sent as states, ours", ours.state.sent, "MB"),
        Figure(scenario, "sent as states, bare", cost.sent, "MB"),
        Figure(scenario, "sent and copied as states, ours", kept, "MB"),
        Figure(scenario, "sent and copied as states, bare", theirs_kept, "MB"),
        Figure(scenario, "sent and copied as states, over bare", kept / theirs_kept, "x", 0.5),
        Figure(scenario, "left of states in the sandbox's bucket, ours", ours.state.left, "MB"),
        Figure(scenario, "left of states in the sandbox's bucket, bare", cost.left, "MB"),
        Figure(scenario, "endpoint resident, ours", ours.state.endpoint, "MB", 600),
        Figure(scenario, "endpoint resident, bare", cost.endpoint, "MB"),
        Figure(scenario, "operator resident, one environment", ours.resident, "MB", 150),
        *[Figure(scenario, f"peak resident, {kind}", peak, "MB") for kind, peak in ours.peaks.items()],
    ]


def _measure_ours(latency: str, *, memory: bool) -> Ours:
    """`memory`: also how much processes take, which costs a twentieth of a core to know."""
    with (
        bed(latency=latency, operator=True) as place,
        RunMemory(place.layout.journal) if memory else nullcontext() as watch,
    ):
        until(lambda: "\ntradai_leader 1" in place.metrics() or None)
        began = time.time()
        pushed = place.deploy()
        return Ours(
            wall=time.time() - began,
            pushed=pushed - began,
            runs=[timeline(run, began) for run in place.journals()],
            resident=place.operator().memory_info().rss / _MEGABYTE,
            peaks=dict(watch.peaks) if watch else {},
            resources=place.resources(),
            state=state_cost(place),
        )


def _measure_bare(latency: str) -> tuple[dict[str, float], int, StateCost]:
    with bed(latency=latency, operator=False) as place:
        seconds = {layer: place.bare(layer)[0] for layer in BLUEPRINTS["tradai"].layer_names}
        return seconds, place.resources(), state_cost(place)
