"""Sandboxes with their operator: one for the deployed dev environment that many tests look at, fresh ones besides."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.documents.manifests import as_documented
from tests.e2e.environment import STAGES, Deployed
from tradai_sandbox import lifecycle
from tradai_sandbox.layout import Layout
from tradai_sandbox.status import environment


@pytest.fixture(scope="session")
def new_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Deployed]]:
    """Brings up sandboxes on demand; all of them end with the session."""
    roots: list[Path] = []

    def make() -> Deployed:
        root = tmp_path_factory.mktemp("e2e")
        roots.append(root)
        lifecycle.up(root, print, with_operator=True)
        return Deployed(Layout(root), environment(root))

    try:
        yield make
    finally:
        for root in roots:
            lifecycle.down(root, print)


@pytest.fixture(scope="session")
def deployed(new_sandbox: Callable[[], Deployed]) -> Deployed:
    """All three examples side by side in one account, Ready; whoever uses them leaves them as they were."""
    sandbox = new_sandbox()
    for stage in STAGES:
        sandbox.apply(as_documented(stage))
    for stage in STAGES:
        sandbox.push_images(stage)
    for stage in STAGES:
        sandbox.ready(stage, patience=900)
    return sandbox
