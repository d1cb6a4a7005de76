"""Runs of the foundation layer as processes, killed in the middle of one creation.

Must never judge what is left: the tests do.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import yaml

from tests.fakes.requests import request_of
from tests.integration.conftest import RunningSandbox
from tests.integration.test_infra_by_hand import EXAMPLE
from tradai_cli.by_hand import request_for
from tradai_operator.model.environment import parse_spec
from tradai_runner.bucket.keys import locks_prefix, state_key
from tradai_runner.contract import Asked, Operation, RunResult, Update
from tradai_runner.journal.local import RunJournal
from tradai_sandbox.aws import latency
from tradai_sandbox.control import take_calls

BUCKET = "tradai-pulumi-state-dev"
PROJECT = "tradai-foundation"
SECRETS = ("database-url", "mlflow-credentials", "binance-api", "jwt-secret")
_SECONDS = 240.0
#: Slow enough to see each creation begin, and then for a kill between two calls of it.
SLOWED = "80ms"
_SLOW = "700ms"


def until(seen: Callable[[], bool], what: str) -> None:
    """Looks again and again; fails with `what` after four minutes."""
    deadline = time.monotonic() + _SECONDS
    while not seen():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@dataclass
class Stack:
    """The foundation stack of one environment in the sandbox."""

    sandbox: RunningSandbox
    environment: str
    folder: Path
    runs: int = 0

    def begin(self, operation: Operation = "up", **more: Any) -> "Begun":
        """A runner that works on the stack, as the operator or a person would start it."""
        self.runs += 1
        body = yaml.safe_load(EXAMPLE.read_text())
        body["spec"]["environment"] = self.environment
        files = {name: self._secret(name) for name in SECRETS}
        common = request_for(Update, "foundation", parse_spec(body), secret_files=files).model_dump(
            include=set(Asked.model_fields)
        )
        own = {"operation": operation, "run_id": f"run-{self.runs}", "endpoint_url": self.sandbox.endpoint}
        request = request_of(**(common | own | more))
        journal = RunJournal(self.folder / f"run-{self.runs}")
        journal.open(request)
        command = [sys.executable, "-m", "tradai_runner", str(journal.path)]
        with (journal.path / "process.out").open("wb") as out:
            process = subprocess.Popen(command, env=self.sandbox.env, stdout=out, stderr=out, start_new_session=True)
        return Begun(self, journal, process)

    def run(self, operation: Operation = "up", **more: Any) -> RunResult:
        """A whole run."""
        return self.begin(operation, **more).end()

    def state(self) -> dict[str, Any]:
        """The newest state, empty before the first."""
        objects = self.aws("s3").list_objects_v2(Bucket=BUCKET, Prefix=state_key(PROJECT, self.environment))
        if not any(found["Key"] == state_key(PROJECT, self.environment) for found in objects.get("Contents", [])):
            return {}
        found = self.aws("s3").get_object(Bucket=BUCKET, Key=state_key(PROJECT, self.environment))
        latest: dict[str, Any] = json.loads(found["Body"].read())["checkpoint"]["latest"]
        return latest

    def writer(self) -> str:
        """The run that has written it."""
        found = self.aws("s3").head_object(Bucket=BUCKET, Key=state_key(PROJECT, self.environment))
        return str(found["Metadata"]["tradai-run"])

    def pending(self) -> list[str]:
        """The types of interrupted creations."""
        entries = self.state().get("pending_operations") or []
        return [entry["resource"]["type"] for entry in entries if entry["type"] == "creating"]

    def ids(self, type_: str) -> set[str]:
        """What the state has of a type."""
        return {found["id"] for found in self.state()["resources"] if found["type"] == type_}

    def locks(self) -> list[str]:
        """The keys of the stack's locks."""
        found = self.aws("s3").list_objects_v2(Bucket=BUCKET, Prefix=locks_prefix(PROJECT, self.environment))
        return [each["Key"] for each in found.get("Contents", [])]

    def aws(self, service: str) -> Any:
        """A plain client."""
        return self.sandbox.client(service)

    def slow(self, wanted: str) -> None:
        """Makes every AWS call wait from now on."""
        at = urlsplit(self.sandbox.endpoint)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=10)
        connection.request("PUT", latency.CONTROL_PATH, body=wanted)
        assert connection.getresponse().status == http.client.OK
        connection.close()

    def _secret(self, name: str) -> str:
        path = self.folder / name
        path.write_text("value")
        return str(path)


@dataclass
class Begun:
    """A run under way."""

    stack: Stack
    journal: RunJournal
    process: subprocess.Popen[bytes]

    def end(self) -> RunResult:
        """Its result; fails where there is none."""
        self.process.wait(_SECONDS)
        result = self.journal.result()
        assert result is not None, (self.journal.path / "process.out").read_text()
        return result

    def engines(self) -> list[psutil.Process]:
        """The engine's processes; the runner's own children."""
        try:
            children = psutil.Process(self.process.pid).children()
        except psutil.NoSuchProcess:
            return []
        return [child for child in children if child.name() == "pulumi"]

    def wait_for_half_of(self, types: Collection[str]) -> str | None:
        """The first of these types that has a resource which is there and not through; None where the run ends."""
        port = urlsplit(self.stack.sandbox.endpoint).port or 0
        take_calls(port)
        callers = {f"provider create {type_}": type_ for type_ in types}
        seen: dict[str, set[str]] = {caller: set() for caller in callers}

        def half() -> bool:
            for each in take_calls(port):
                if each.caller in seen:
                    seen[each.caller].add(each.operation)
                    self.stack.slow(_SLOW)
            return self.process.poll() is not None or any(len(calls) > 1 for calls in seen.values())

        until(half, f"nothing of {types} was made")
        return next((callers[caller] for caller, calls in seen.items() if len(calls) > 1), None)

    def kill_engine(self) -> list[psutil.Process]:
        """kill -9; returns what was killed."""
        engines = self.engines()
        for engine in engines:
            engine.send_signal(signal.SIGKILL)
        return engines

    def kill_both(self) -> None:
        """The engine, of which there is one, then its runner."""
        assert len(self.kill_engine()) == 1
        self.kill_runner()

    def kill_runner(self) -> None:
        """kill -9 of the runner alone."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


def killed(stack: Stack, types: Collection[str], kill: Callable[[Begun], object]) -> Begun:
    """A run that is killed at the first of these types, which AWS has and the state does not; its engine has ended."""
    stack.slow(SLOWED)
    run = stack.begin()
    try:
        assert run.wait_for_half_of(types), run.end()
        engines = run.engines()
        kill(run)
    finally:
        stack.slow("0ms")
    until(lambda: not any(engine.is_running() and engine.status() != "zombie" for engine in engines), "it lives on")
    return run
