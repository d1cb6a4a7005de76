"""Several workers at once, a file to each: what they have spent on the fault matrix is told at the end.

Must never change what a test sees: without workers, nothing here has an effect but the budget's table.
"""

from typing import Any

import pytest

from tests.faults.budget import SPENT


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its part to whoever prints it."""
    handed: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if handed is not None:
        handed["spent"] = SPENT


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker is through."""
    SPENT.update(getattr(node, "workeroutput", {}).get("spent", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The time budget of the fault matrix."""
    if not SPENT:
        return
    terminalreporter.section("time budget of the fault matrix")
    for name, seconds in SPENT.items():
        terminalreporter.write_line(f"{seconds:7.1f} s  {name}")
    terminalreporter.write_line(f"{sum(SPENT.values()):7.1f} s  in all, {len(SPENT)} rows")
