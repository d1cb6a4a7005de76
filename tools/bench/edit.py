"""`edit`: from an edit of the spec to the engine's first event; `edit-80`: to Ready again, with latency.

Must never edit before the last edit is Ready: what is measured is an idle operator's answer.
"""

import time

from tools.bench.bed import Bed, bed
from tools.bench.figures import Figure, Report, percentile
from tools.bench.moments import engine_spoke_at, new_run, until

_EDITS = 20
_SLOW_EDITS = 5


def edit(_: float) -> Report:
    """Median and 95th percentile over edits of the edge layer's configuration."""
    with bed(latency="0ms", operator=True) as place:
        place.deploy()
        samples = [_first_event(place, number) for number in range(_EDITS)]
    return [
        Figure("edit", "spec edit to first engine event, median", percentile(samples, 0.5), "s"),
        Figure("edit", "spec edit to first engine event, p95", percentile(samples, 0.95), "s", 3.0),
    ], {"samples": samples}


def edit_at_80ms(_: float) -> Report:
    """From an edit of one resource to Ready, with the latency of a region."""
    with bed(latency="80ms", operator=True) as place:
        place.deploy()
        samples = [_ready_again(place, number) for number in range(_SLOW_EDITS)]
    return [Figure("edit 80ms", "spec edit of one resource to Ready, median", percentile(samples, 0.5), "s")], {
        "samples": samples
    }


def _ready_again(place: Bed, number: int) -> float:
    began = time.time()
    _edit(place, number)
    place.wait_ready()
    return time.time() - began


def _edit(place: Bed, number: int) -> None:
    origins = {"corsAllowedOrigins": [f"https://a{number}.example"]}
    place.patch("tradaienv", "dev", {"spec": {"layers": {"edge": {"config": origins}}}})


def _first_event(place: Bed, number: int) -> float:
    known, began = place.runs(), time.time()
    _edit(place, number)
    run = new_run(place, "edge", known)
    spoke = until(lambda: engine_spoke_at(run))
    place.wait_ready()
    return spoke - began
