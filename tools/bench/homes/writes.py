"""Status writes on two API servers in turn: by one writer, then by several at once, and the same again.

In turn, since a machine is not as fast in one minute as in the next. Must never let two writers meet on one
environment: conflicts are no figure here.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final

from tools.bench.figures import Figure, percentile
from tools.bench.homes.server import Server

CROWD: Final = 8
_ROUNDS: Final = 3
#: Of one stretch, whatever the minutes say.
_MOST_SECONDS: Final = 20.0
_SHARE_SECONDS: Final = 5.0


@dataclass
class Stretches:
    """Of one number of writers at one server: seconds of every write, and of all stretches together."""

    samples: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, samples: Sequence[float], seconds: float) -> None:
        """One more stretch."""
        self.samples += samples
        self.seconds += seconds

    @property
    def rate(self) -> float:
        """Writes a second."""
        return len(self.samples) / self.seconds

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return 1000 * percentile(self.samples, 0.95)

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {"seconds": self.seconds, "writes": len(self.samples), "rate": self.rate, "p95": self.p95,
                "median": 1000 * percentile(self.samples, 0.5)}  # fmt: skip


#: Number of writers → what it came to.
Written = Mapping[int, Stretches]


def compare(servers: Mapping[str, Server], minutes: float) -> Mapping[str, Written]:
    """Each server's stretches, by the name that it is given."""
    found = {name: {writers: Stretches() for writers in (1, CROWD)} for name in servers}
    bodies = {name: server.environments(0) for name, server in servers.items()}
    seconds = min(_MOST_SECONDS, minutes * _SHARE_SECONDS)
    for _ in range(_ROUNDS):
        for writers in (1, CROWD):
            for name, server in servers.items():
                found[name][writers].add(*_stretch(server, bodies[name], writers, seconds))
    return found


def _stretch(
    server: Server, bodies: Sequence[Mapping[str, Any]], writers: int, seconds: float
) -> tuple[list[float], float]:
    began = time.monotonic()
    with ThreadPoolExecutor(writers) as workers:
        asked = [workers.submit(_write, server, bodies[n::writers], began + seconds) for n in range(writers)]
        samples = [sample for each in asked for sample in each.result()]
    return samples, time.monotonic() - began


def _write(server: Server, bodies: Sequence[Mapping[str, Any]], until: float) -> list[float]:
    """One write at least, however busy the machine is."""
    samples = []
    for body in cycle(bodies):
        samples.append(server.write_status(body, f"written {time.time_ns()}"))
        if time.monotonic() >= until:
            break
    return samples


def figures(scenario: str, ours: str, base: str, found: Mapping[str, Written]) -> list[Figure]:
    """Writes a second and p95 of both servers, and one over the other."""
    made = []
    for writers, words in ((1, "one writer"), (CROWD, f"{CROWD} writers")):
        mine, theirs = found[ours][writers], found[base][writers]
        for name, each in ((base, theirs), (ours, mine)):
            made.append(Figure(scenario, f"status writes a second, {words}: {name}", each.rate, ""))
            made.append(Figure(scenario, f"status patch, p95, {words}: {name}", each.p95, "ms"))
        made.append(Figure(scenario, f"writes a second, {words}: {ours} over {base}", mine.rate / theirs.rate, "x"))
        made.append(Figure(scenario, f"status patch, p95, {words}: {ours} over {base}", mine.p95 / theirs.p95, "x"))
    return made
