"""What every test has: the rings, worlds that are tested in environments of their own, and properties without a clock.

Of several workers at once it tells in the end what they have spent on the fault matrix. Must never change what a test
sees.
"""

import gc
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

from tests.faults.budget import SPENT
from tests.rings import plugin as rings
from tests.worlds import plugin as worlds

# No property asserts a time, and a busy machine takes longer for any of them. All else stays as Hypothesis found it:
# under CI that is another profile.
settings.register_profile("tradai", parent=settings.default, deadline=None)
settings.load_profile("tradai")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Plugins of this tree: what one adds here is called as if it were installed."""
    pluginmanager.register(rings, "tradai-rings")
    pluginmanager.register(worlds, "tradai-worlds")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Importing makes next to no rubbish, and looking for it again and again costs more than the tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What has been imported lives to the end: the collector need not look at it."""
    gc.collect()
    gc.freeze()


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
