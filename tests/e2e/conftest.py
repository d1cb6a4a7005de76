"""Sandboxes with their operator: one for the deployed dev environment that many tests look at, fresh ones besides."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All three examples side by side in one account, Ready; whoever uses them leaves them as they were."""
    with _sandboxes(tmp_path_factory) as make:
        yield _deployed(make())


def _deployed(sandbox: Deployed) -> Deployed:
    for stage in STAGES:
        sandbox.apply(as_documented(stage))
    for stage in STAGES:
        sandbox.push_images(stage)
    for stage in STAGES:
        sandbox.ready(stage, patience=900)
    return sandbox
