"""From a commit to Ready under ArgoCD, over `kubectl apply` to Ready beside it.

In one sandbox and in turn, each time another environment, so that both have the same machine and the same idle ArgoCD.
A commit's webhook is at once, as a Git host's is. Must never sync by hand: what git says, ArgoCD does by itself.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from tests.e2e.environment import Deployed
from tests.gitops.applications import environment, example
from tests.gitops.argocd import ArgoCD
from tests.gitops.repository import Repository
from tests.gitops.servers import Servers
from tools.bench.bed import bed, say
from tools.bench.figures import Figure, Report, percentile

_ROUNDS: Final = 3
_APP: Final = "environments"
_NOTE: Final = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "note", "namespace": "tradai"}}
_PATIENCE_SECONDS: Final = 900.0
_NAME: Final = "home: ArgoCD"


@dataclass(frozen=True)
class _World:
    deployed: Deployed
    argo: ArgoCD
    repository: Repository


def gitops(_: float) -> Report:
    """Seconds of both ways, medians, and one over the other."""
    with bed(latency="0ms", operator=True) as place, _world(Deployed(place.layout, place.env)) as world:
        say("environments are applied and committed in turn")
        applied, committed = [], []
        for number in range(_ROUNDS):
            applied.append(_ready_after(world, f"applied-{number}", lambda body: world.deployed.apply(body)))
            committed.append(_ready_after(world, f"committed-{number}", lambda body: _commit(world, body)))
    return figures(applied, committed), {"applied": applied, "committed": committed}


def figures(applied: list[float], committed: list[float]) -> list[Figure]:
    """What ArgoCD's way adds."""
    apply, commit = percentile(applied, 0.5), percentile(committed, 0.5)
    return [
        Figure(_NAME, "apply to Ready, median", apply, "s"),
        Figure(_NAME, "commit to Ready, median", commit, "s"),
        Figure(_NAME, "commit to Ready over apply to Ready", commit / apply, "x"),
    ]


@contextmanager
def _world(deployed: Deployed) -> Iterator[_World]:
    folder = deployed.layout.root.parent
    with ExitStack() as stack:
        servers = Servers.start(deployed, folder)
        stack.callback(servers.stop)
        argo = ArgoCD(deployed, servers.ports["server"])
        stack.callback(argo.close)
        repository = Repository(folder / "repository")
        first = repository.commit({f"{_APP}/note.yaml": _NOTE})
        argo.apply(example("application.yaml", repository.url))
        argo.settled(_APP, "Healthy", first)
        yield _World(deployed, argo, repository)


def _ready_after(world: _World, name: str, act: Callable[[dict[str, Any]], None]) -> float:
    body = manifest(name)
    began = time.monotonic()
    act(body)
    world.deployed.ready(name, patience=_PATIENCE_SECONDS)
    return time.monotonic() - began


def manifest(name: str) -> dict[str, Any]:
    """An environment that builds beside the others; what is built has a shorter name than the resource."""
    way, _, number = name.partition("-")
    body = environment(environment=f"eph-{way[:3]}{number}", drift={"enabled": False})
    body["metadata"]["name"] = name
    return body


def _commit(world: _World, body: dict[str, Any]) -> None:
    world.repository.commit({f"{_APP}/{body['metadata']['name']}.yaml": body})
    world.argo.refresh(_APP)
