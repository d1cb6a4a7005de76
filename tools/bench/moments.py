"""When things happened in a layer run, read from its journal; and waiting for them.

Must never take part in a run: journals are only read.
"""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

from tools.bench.bed import Bed
from tradai_runner.contract import Progress
from tradai_runner.journal.local import RunJournal

_T = TypeVar("_T")
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.02


def asked_at(run: RunJournal) -> float:
    """When the run's first journal entry, the request, appeared: seconds since the epoch."""
    return (run.path / "request.json").stat().st_mtime


def engine_spoke_at(run: RunJournal) -> float | None:
    """When the engine's first event came, None before; the whole journal is read, so a quick run is not missed."""
    try:
        lines = (run.path / "events.jsonl").read_text().splitlines()
    except FileNotFoundError:
        return None
    events = (Progress.model_validate_json(line) for line in lines if line.endswith("}"))
    return next((event.at for event in events if event.phase == "running"), None)


def timeline(run: RunJournal, began: float) -> dict[str, Any]:
    """Where one ended run's time went, in seconds: since `began`, then stretch by stretch.

    `starting` is the process until its first line of ours, `selecting` the stack until the engine speaks.
    """
    result = run.result()
    if result is None:
        return {"layer": run.path.parent.name, "outcome": "none"}
    asked, spoke = asked_at(run), engine_spoke_at(run) or result.finished_at
    return {
        "layer": result.layer,
        "outcome": result.outcome,
        "asked": asked - began,
        "starting": result.started_at - asked,
        "selecting": spoke - result.started_at,
        "engine": result.finished_at - spoke,
        "finished": result.finished_at - began,
    }


def new_run(place: Bed, layer: str, known: Collection[Path]) -> RunJournal:
    """The first run of `layer` that is not among `known`, waited for; raises TimeoutError."""
    return until(
        lambda: next((run for run in place.journals() if run.path not in known and run.path.parent.name == layer), None)
    )


def until(look: Callable[[], _T | None]) -> _T:
    """What `look` gives once it gives something; raises TimeoutError."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came within {_PATIENCE_SECONDS:g} s")
        time.sleep(_LOOK_SECONDS)
    return found
