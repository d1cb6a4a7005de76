"""A sandbox with its operator and an ArgoCD beside it."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.e2e.environment import Deployed
from tests.gitops.argocd import ArgoCD
from tests.gitops.repository import Repository
from tests.gitops.servers import Servers
from tests.rings import binaries
from tradai_sandbox import lifecycle
from tradai_sandbox.layout import Layout
from tradai_sandbox.status import environment


@cache
def _provided() -> None:
    """ArgoCD takes minutes to build where it is not in the cache: begun by whoever plays a test of it first."""
    binaries.provide("--gitops")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """The build counts in no test's own time."""
    _provided()
    return (yield)


@dataclass(frozen=True)
class World:
    """A sandbox, an ArgoCD, and the repository that it reads."""

    deployed: Deployed
    servers: Servers
    argo: ArgoCD
    repository: Repository


@pytest.fixture(scope="module")
def new_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., World]]:
    """Worlds of one file, with an operator or without, and with one of the two files of customizations."""
    with ExitStack() as stack:

        def make(*, operator: bool = True, customizations: str = "argocd-cm.yaml") -> World:
            folder: Path = tmp_path_factory.mktemp("gitops")
            root = folder / "sandbox"
            stack.callback(lifecycle.down, root, print)
            lifecycle.up(root, print, with_operator=operator)
            deployed = Deployed(Layout(root), environment(root))
            servers = Servers.start(deployed, folder, customizations)
            stack.callback(servers.stop)
            argo = ArgoCD(deployed, servers.ports["server"])
            stack.callback(argo.close)
            return World(deployed, servers, argo, Repository(folder / "repository"))

        yield make
