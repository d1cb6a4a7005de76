"""Places to play the matrix on, and what it costs: every row's seconds, at the end of a session."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.site import Site

#: Row → seconds, in the order in which they were played.
SPENT: dict[str, float] = {}

Row = Callable[[str], Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A sandbox behind a proxy, without operator."""
    with timed("a sandbox"):
        opened = Site.open(tmp_path_factory.mktemp("faults") / "sandbox")
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Adds what is done inside to the row of that name."""
    began = time.monotonic()
    try:
        yield
    finally:
        SPENT[name] = SPENT.get(name, 0.0) + time.monotonic() - began


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The time budget."""
    if not SPENT:
        return
    terminalreporter.section("time budget of the fault matrix")
    for name, seconds in SPENT.items():
        terminalreporter.write_line(f"{seconds:7.1f} s  {name}")
    terminalreporter.write_line(f"{sum(SPENT.values()):7.1f} s  in all, {len(SPENT)} rows")
