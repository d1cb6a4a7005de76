"""Sandboxes with their operator: one with the documented environments that many tests look at, fresh ones besides."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.documents.manifests import as_documented
from tests.e2e.environment import STAGES, Deployed
from tradai_sandbox import lifecycle
from tradai_sandbox.layout import Layout
from tradai_sandbox.status import environment


@contextmanager
def _sandboxes(folders: pytest.TempPathFactory) -> Iterator[Callable[[], Deployed]]:
    """Brings up sandboxes on demand, and ends them all."""
    roots: list[Path] = []

    def make() -> Deployed:
        root = folders.mktemp("e2e")
        roots.append(root)
        lifecycle.up(root, print, with_operator=True)
        return Deployed(Layout(root), environment(root))

    try:
        yield make
    finally:
        for root in roots:
            lifecycle.down(root, print)


@pytest.fixture(scope="module")
def new_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Deployed]]:
    """Sandboxes of one file: even an idle one takes a tenth of a core."""
    with _sandboxes(tmp_path_factory) as make:
        yield make


class Documented:
    """One account in which the documented environments stand side by side, each from the first time it is asked for."""

    def __init__(self, make: Callable[[], Deployed]) -> None:
        self._make = cache(make)
        self._standing: set[str] = set()
        self._failed: set[str] = set()

    def having(self, *stages: str) -> Deployed:
        """The sandbox, once these are Ready in it; what did not become so is waited for once, and not by every test."""
        sandbox, missing = self._make(), [stage for stage in stages if stage not in self._standing]
        assert not (failed := self._failed & set(missing)), f"{failed} did not become Ready when it was first asked for"
        self._failed |= set(missing)
        for stage in missing:
            sandbox.apply(as_documented(stage))
        for stage in missing:
            sandbox.push_images(stage)
        for stage in missing:
            sandbox.ready(stage, patience=900)
        self._standing |= set(missing)
        self._failed -= set(missing)
        return sandbox


@pytest.fixture(scope="session")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documented]:
    """For tests that look at what the documents describe; whoever uses it leaves it as it was."""
    with _sandboxes(tmp_path_factory) as make:
        yield Documented(make)


@pytest.fixture
def deployed(documented: Documented, request: pytest.FixtureRequest) -> Deployed:
    """The environment that the test's `stage` names; where it names none, all three."""
    parameters: dict[str, str] = getattr(getattr(request.node, "callspec", None), "params", {})
    return documented.having(*([parameters["stage"]] if "stage" in parameters else STAGES))
