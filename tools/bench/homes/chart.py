"""The chart's pods, idle: two replicas as it comes, of which one leads.

What the API server takes is the cluster's. Must never install with other values than a cluster whose AWS is the
sandbox's needs.
"""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

import psutil

from tests.integration.chart_home import NAMESPACE, RELEASE, Home, home
from tests.standins.helm import CHART
from tools.bench.bed import say
from tools.bench.figures import Report
from tools.bench.homes import idle
from tools.bench.homes.example import NAME, environment

_PATIENCE_SECONDS: Final = 900.0


def chart(minutes: float) -> Report:
    """Memory and CPU of the one that leads, of the one that stands by, and of both."""
    with tempfile.TemporaryDirectory(prefix="tradai-bench-") as folder, home(Path(folder)) as cluster:
        values = ("-n", NAMESPACE, "-f", str(cluster.values()))
        cluster.helm.run("install", RELEASE, str(CHART), *values, "--wait", "--timeout", "300s")
        cluster.sandbox.apply(environment())
        cluster.sandbox.ready(NAME, patience=_PATIENCE_SECONDS)
        say("the chart's pods are idle")
        found = idle.look(_replicas(cluster), minutes)
    return idle.figures("home: chart", found), {name: asdict(each) for name, each in found.items()}


def _replicas(cluster: Home) -> dict[str, psutil.Process]:
    pods = cluster.listed("pods", "-l", "app.kubernetes.io/name=tradai-operator")
    lease = cluster.sandbox.seen.lease()
    leader = (lease.holder_identity or "").partition("/")[0] if lease else ""
    found = {
        "operator that leads" if name == leader else "operator that stands by": cluster.node.containers[name].main
        for name in (pod["metadata"]["name"] for pod in pods)
    }
    alive = {name: process for name, process in found.items() if process}
    if len(alive) != len(pods) or len(alive) != 2:
        raise RuntimeError(f"of two replicas there are {sorted(alive)}: {cluster.logs()[-2000:]}")
    return alive
