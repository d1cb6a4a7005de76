"""Loaded by pytest inside a world: tells each phase of each test, one JSON line a phase.

Must never import anything of this tree: the world's environment has pytest, and no more is sure.
"""

import json
import os
from pathlib import Path
from typing import Any

_REPORT = Path(os.environ.get("TRADAI_WORLD_REPORT", os.devnull))


def _tell(**what: object) -> None:
    with _REPORT.open("a") as file:
        file.write(json.dumps(what) + "\n")


def pytest_collection_finish(session: Any) -> None:
    """Which tests there are."""
    for item in session.items:
        _tell(collected=item.nodeid)


def pytest_runtest_logreport(report: Any) -> None:
    """How a phase ended; of what is left out, why."""
    text = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else report.longreprtext
    _tell(test=report.nodeid, when=report.when, outcome=report.outcome, seconds=report.duration, text=text)
