"""The sandbox's control plane and that of ECS, which stands in the sandbox's AWS beside it: etcd, and PostgreSQL.

Idle with one environment and their operators, then with many and without: what is written then, nobody else writes.
Neither store waits for the disk here. Must never start a process of ECS's by another command than its container's.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import psutil

from tests.e2e.ecs_home import ROLE, EcsHome, ecs_home
from tests.e2e.environment import Deployed
from tools.bench.bed import Bed, bed, say
from tools.bench.figures import Figure, Report, percentile
from tools.bench.homes import idle, start, writes
from tools.bench.homes.example import NAME, environment
from tools.bench.homes.server import Server
from tools.bench.standing import kubeconfig, sample, stand
from tradai_sandbox import lifecycle

COUNT: Final = 1000
_STARTS: Final = 3
_PATIENCE_SECONDS: Final = 900.0
_SANDBOX: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "operator")
_ECS: Final = ("kine", "kube-apiserver", "kube-controller-manager", "operator")
_NAME: Final = "homes"


def planes(minutes: float, count: int = COUNT) -> Report:
    """Figures of both; `count` is how many environments stand while statuses are written."""
    with bed(latency="0ms", operator=True) as place:
        starts, quiet = _sandbox(place, minutes)
        with _server(Path(place.env["KUBECONFIG"])) as etcd:
            served = [start.to_serving(place, etcd.serves) for _ in range(_STARTS)]
            folder = place.layout.root.parent / "ecs"
            folder.mkdir()
            say("the control plane of ECS is built")
            with ecs_home(Deployed(place.layout, place.env), folder) as home:
                ecs, ecs_served, written = _on_ecs(home, place, etcd, minutes, count)
    return [
        Figure(_NAME, "operator's start to first reconcile, median", percentile(starts, 0.5), "s"),
        *idle.figures("home: sandbox", quiet),
        Figure("home: sandbox", "kube-apiserver's start to serving, median", percentile(served, 0.5), "s"),
        *idle.figures("home: ECS", ecs),
        *idle.ratios("home: ECS", ecs, quiet),
        Figure("home: ECS", "kube-apiserver's start to serving", ecs_served, "s"),
        *writes.figures(f"store, {count:,} environments", "PostgreSQL", "etcd", written),
    ], {
        "starts": starts, "served": served, "ecsServed": ecs_served, "count": count,
        "idle": {home: {name: asdict(each) for name, each in found.items()}
                 for home, found in (("sandbox", quiet), ("ecs", ecs))},
        "writes": {name: {str(n): each.as_json() for n, each in by.items()} for name, by in written.items()},
    }  # fmt: skip


def _sandbox(place: Bed, minutes: float) -> tuple[list[float], dict[str, idle.Idle]]:
    """Starts of its operator, and all of it idle; no operator is left."""
    place.apply(environment())
    place.wait_ready(NAME)
    starts = [start.to_first_reconcile(place) for _ in range(_STARTS)]
    say("the sandbox is idle")
    quiet = idle.look(start.processes(place, *_SANDBOX), minutes)
    lifecycle.up(place.layout.root, lambda _: None, with_operator=False)
    return starts, quiet


def _on_ecs(
    home: EcsHome, place: Bed, etcd: Server, minutes: float, count: int
) -> tuple[dict[str, idle.Idle], float, Mapping[str, writes.Written]]:
    person = home.settled()
    person.apply(environment(ROLE))
    person.ready(NAME, patience=_PATIENCE_SECONDS)
    say("the control plane of ECS is idle")
    quiet = idle.look({name: _main(home, name) for name in _ECS}, minutes)
    with _server(Path(person.env["KUBECONFIG"])) as kine:
        served = _served_again(home, person, kine)
        _without_operator(home)
        for env in (place.env, person.env):
            say(f"{count} environments are made to stand")
            _fill(env["KUBECONFIG"], place, count)
        say("statuses are written")
        written = writes.compare({"etcd": etcd, "PostgreSQL": kine}, minutes)
    if home.machine.container("operator").exit_code is None:
        raise RuntimeError("an operator was at work while statuses were written")
    return quiet, served, written


def _served_again(home: EcsHome, person: Deployed, kine: Server) -> float:
    """Seconds from the start of the API server that follows a killed one until it serves; all are well afterwards."""
    dead = home.machine.container("kube-apiserver")
    dead.kill()
    fresh = person.until("another API server", lambda: _other(home, dead), _PATIENCE_SECONDS)
    at = person.until("it to serve", lambda: time.time() if kine.serves() else None, _PATIENCE_SECONDS)
    person.until("the operator to be well", lambda: home.machine.healthy("operator"), _PATIENCE_SECONDS)
    return float(at - fresh.create_time())


def _other(home: EcsHome, dead: Any) -> psutil.Process | None:
    found = home.machine.container("kube-apiserver")
    return None if found is dead else found.main


def _main(home: EcsHome, name: str) -> psutil.Process:
    found = home.machine.container(name).main
    if found is None:
        raise RuntimeError(f"{name} has ended: {home.machine.output(name)[-2000:]}")
    return found


def _without_operator(home: EcsHome) -> None:
    """The rest stays as it is, and nobody asks after its health, which six times as often as on AWS costs the rest."""
    home.machine.untended.set()
    home.machine.container("operator").kill()


def _fill(at: str, place: Bed, count: int) -> None:
    bodies = (sample(f"standing-{number:04}", f"eph-s{number:04}") for number in range(count))
    with kubeconfig(at):
        asyncio.run(stand(bodies, place.env))


@contextmanager
def _server(at: Path) -> Iterator[Server]:
    with closing(Server(at)) as server:
        yield server
