"""Operator processes beside each other on one sandbox, as two pods of one deployment would be.

Each has what the sandbox gives its own operator. Must never look inside one: metrics, log and signals are all.
"""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.environment import Deployed
from tradai_sandbox import credentials, lifecycle
from tradai_sandbox.layout import Layout
from tradai_sandbox.ports import HOST, find
from tradai_sandbox.services import operator
from tradai_sandbox.services.service import Context
from tradai_sandbox.state import load
from tradai_sandbox.status import environment
from tradai_sandbox.variables import inherited


class Operator:
    """One process."""

    def __init__(self, sandbox: Deployed, name: str, api: int | None = None, /, **variables: str) -> None:
        """`api` is another port on which the API server can be reached."""
        self.name = name
        self.log = sandbox.layout.log(f"operator-{name}")
        self._port = find()
        state = load(sandbox.layout.state)
        assert state
        context = Context(sandbox.layout, state.ports, credentials.ensure(sandbox.layout.credentials))
        settings = dict(operator.SERVICE.environment(context))
        if api:
            settings["KUBECONFIG"] = str(_through(sandbox, Path(settings["KUBECONFIG"]), state.ports, api))
        settings["TRADAI_METRICS_ADDRESS"] = f"{HOST}:{self._port}"
        settings["TRADAI_SANDBOX"] = str(sandbox.layout.root)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tradai_operator"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=inherited() | settings | variables,
                cwd=sandbox.layout.root,
            )

    def metrics(self) -> dict[str, float]:
        """Name → value of the metrics without labels; nothing where the process does not answer."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self._port}/metrics", timeout=0.5) as answer:
                text = answer.read().decode()
        except OSError:
            return {}
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        return {sample.name: sample.value for sample in samples if not sample.labels}

    def ready(self) -> bool:
        """Whether `/readyz` says so."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self._port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def leads(self) -> bool:
        """What it shows of itself."""
        return self.metrics().get("tradai_leader") == 1

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to just this process."""
        os.kill(self.process.pid, number)

    def end(self) -> None:
        """Ends it, whatever state it is in."""
        if self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGKILL)
        self.process.wait(20)


@contextmanager
def without_operator(root: Path, latency: str | None = None) -> Iterator[Deployed]:
    """A sandbox of its own in `root`, whose operators the test starts itself; each call of AWS takes `latency`."""
    lifecycle.up(root, print, latency=latency, with_operator=False)
    try:
        yield Deployed(Layout(root), environment(root))
    finally:
        lifecycle.down(root, print)


@contextmanager
def running(*operators: Operator) -> Iterator[None]:
    """Ends them all afterwards."""
    try:
        yield
    finally:
        for one in operators:
            one.end()


def _through(sandbox: Deployed, kubeconfig: Path, ports: object, api: int) -> Path:
    """The same kubeconfig over another port."""
    assert isinstance(ports, dict)
    made = sandbox.layout.root / f"kubeconfig-through-{api}.yaml"
    made.touch(mode=0o600)
    made.write_text(kubeconfig.read_text().replace(f":{ports['kube-apiserver']}", f":{api}"))
    return made
