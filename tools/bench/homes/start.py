"""How long the servers of a sandbox take from their process's start until they are of use.

Somebody looks while they start: `lifecycle.up` itself returns later. Must never take the start of a command for that
of the process.
"""

import re
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import psutil

from tools.bench.bed import Bed
from tools.bench.moments import until
from tradai_sandbox import lifecycle
from tradai_sandbox.ports import HOST
from tradai_sandbox.state import load

_TURNS: Final = re.compile(r"^tradai_reconcile_seconds_count\{.*\} (\S+)$", re.MULTILINE)


def turns(exposed: str) -> float:
    """How many turns an operator has made, by what it exposes."""
    return sum(map(float, _TURNS.findall(exposed)))


def to_first_reconcile(place: Bed) -> float:
    """Stops the operator; seconds from the next one's start until it has looked at an environment."""
    lifecycle.up(place.layout.root, _silent, with_operator=False)
    return _started(place, "operator", lambda: turns(_exposed(_port(place, "operator"))) > 0, operator=True)


def to_serving(place: Bed, serves: Callable[[], bool]) -> float:
    """Kills the API server of a sandbox without an operator; seconds from the next one's start until it serves.

    One that is asked to end waits for its requests, a minute on a busy machine, which is no part of the figure.
    """
    server = _process(place, "kube-apiserver")
    server.kill()
    server.wait(60)
    return _started(place, "kube-apiserver", serves, operator=False)


def _started(place: Bed, name: str, serves: Callable[[], bool], *, operator: bool) -> float:
    with ThreadPoolExecutor(1) as worker:
        up = worker.submit(lifecycle.up, place.layout.root, _silent, with_operator=operator)
        at = until(lambda: time.time() if serves() else None)
        up.result()
    return at - _process(place, name).create_time()


def _process(place: Bed, name: str) -> psutil.Process:
    state = load(place.layout.state)
    if state is None:
        raise KeyError(name)
    return psutil.Process(state.processes[name].mark.pid)


def processes(place: Bed, *names: str) -> dict[str, psutil.Process]:
    """Those of a sandbox."""
    return {name: _process(place, name) for name in names}


def _port(place: Bed, name: str) -> int:
    state = load(place.layout.state)
    return state.ports[name] if state else 0


def _exposed(port: int) -> str:
    """Nothing from an operator that does not answer yet."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=5) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:
        return ""


def _silent(_: str) -> None:
    pass
