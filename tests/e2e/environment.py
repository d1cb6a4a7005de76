"""A sandbox with its operator, and what a person does with it: apply, look, annotate, delete.

Acts on the real API server by kubectl, looks at it by the official client and at AWS by boto3: a start of kubectl costs
more than an answer. Must never look inside the operator: what it shows is all that counts.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import psutil
import urllib3
import yaml
from kubernetes.client import ApiException

from tests.documents.manifests import EXAMPLES
from tests.official import Official
from tradai_sandbox import lifecycle
from tradai_sandbox.layout import Layout
from tradai_sandbox.state import load

STAGES = ("dev", "staging", "prod")
_PATIENCE_SECONDS = 300.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Deployed:
    """One sandbox, addressed as `. .sandbox/env` would."""

    layout: Layout
    env: Mapping[str, str]

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """What kubectl printed; raises CalledProcessError with its complaint."""
        ran = subprocess.run(
            ["kubectl", *arguments],
            input=stdin,
            env=os.environ | dict(self.env),
            capture_output=True,
            text=True,
            check=False,
        )
        if check and ran.returncode:
            raise AssertionError(f"kubectl {' '.join(arguments)}: {ran.stderr}")
        return ran.stdout

    def apply(self, manifest: Mapping[str, Any]) -> None:
        """`kubectl apply -f -`."""
        self.kubectl("apply", "-f", "-", stdin=json.dumps(manifest))

    def get(self, name: str, namespace: str = "tradai") -> dict[str, Any] | None:
        """The environment as the API server has it, or None."""
        try:
            body = self.seen.environment(name, namespace)
        except (ApiException, urllib3.exceptions.HTTPError) as error:
            raise AssertionError(f"{namespace}/{name} cannot be read: {error}") from error
        if body is not None:
            body["metadata"].pop("managedFields", None)
        return body

    @property
    def seen(self) -> Official:
        """What the API server has, as the kubeconfig's user sees it."""
        return _EYES.of(Path(self.env["KUBECONFIG"]))

    def status(self, name: str) -> dict[str, Any]:
        """Its status, empty before there is one."""
        status: dict[str, Any] = (self.get(name) or {}).get("status", {})
        return status

    def until(self, what: str, condition: Callable[[], Any], patience: float = _PATIENCE_SECONDS) -> Any:
        """Waits for a condition and returns its value; fails with the last thing that the environments said."""
        deadline = time.monotonic() + patience
        while not (value := condition()):
            if time.monotonic() > deadline:
                said = self.kubectl("get", "tradaienv", "-A", "-o", "wide", check=False)
                raise AssertionError(f"waited {patience:.0f} s for {what}; meanwhile:\n{said}")
            time.sleep(_POLL_SECONDS)
        return value

    def ready(self, name: str, patience: float = _PATIENCE_SECONDS) -> dict[str, Any]:
        """Waits until the environment is Ready for its present generation; returns its status."""

        def is_ready() -> dict[str, Any] | None:
            found = self.get(name) or {}
            status: dict[str, Any] = found.get("status", {})
            current = status.get("observedGeneration") == found.get("metadata", {}).get("generation")
            return status if current and condition(status, "Ready") == "True" else None

        status: dict[str, Any] = self.until(f"{name} to be Ready", is_ready, patience)
        return status

    def told(self, name: str, reason: str, text: str = "") -> list[str]:
        """The events of a reason about an environment, once one has the text: they follow the status they tell of."""

        def found() -> list[str]:
            events = [event.message for event in self.seen.events(name) if event.reason == reason]
            return events if any(text in message for message in events) else []

        events: list[str] = self.until(f"an event {reason} with {text!r} about {name}", found)
        return events

    def tradai(self, *words: str, status: int = 0) -> str:
        """What `tradai` printed; raises AssertionError with its complaint where it ends with another status."""
        env = os.environ | dict(self.env)
        ran = subprocess.run(["tradai", *words], env=env, capture_output=True, text=True, check=False)
        if ran.returncode != status:
            raise AssertionError(f"tradai {' '.join(words)}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def push_images(self, name: str, *options: str) -> str:
        """What pushing the images of an environment prints, once it has repositories."""
        self.until(
            f"{name} to have repositories",
            lambda: ("persistent", "Ready") in {(x["name"], x["state"]) for x in self.status(name).get("layers", [])},
        )
        body = self.get(name) or {}
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as manifest:
            json.dump(body, manifest)
            manifest.flush()
            return self.tradai("images", "push", body["spec"]["environment"], "--file", manifest.name, *options)

    def gone(self, name: str, namespace: str = "tradai") -> None:
        """Waits until the environment is no more."""
        self.until(f"{name} to be gone", lambda: self.get(name, namespace) is None)

    @property
    def operator(self) -> psutil.Process:
        """The operator that came up with the sandbox."""
        state = load(self.layout.state)
        assert state is not None
        return psutil.Process(state.processes["operator"].mark.pid)

    def kill_operator(self) -> None:
        """kill -9 of it, in the middle of whatever it does; returns once it is gone."""
        operator = self.operator
        operator.kill()
        operator.wait(30)

    def restart_operator(self) -> None:
        """kill -9 of it, and another one in its place."""
        self.kill_operator()
        lifecycle.up(self.layout.root, print)

    def clients(self, service: str) -> Any:
        """A plain boto3 client."""
        if service not in self._clients:
            make: Any = boto3.client  # its stubs know each service by a literal name
            self._clients[service] = make(
                service,
                endpoint_url=self.env["AWS_ENDPOINT_URL"],
                region_name=self.env["AWS_DEFAULT_REGION"],
                aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            )
        return self._clients[service]

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    def runs(self) -> list[tuple[str, str]]:
        """(layer, operation) of every run whose journal is still there, oldest first."""
        requests = self.layout.root.glob("journal/*/*/*/request.json")
        read = sorted((path.parent.name, json.loads(path.read_text())) for path in requests)
        return [(request["layer"], request["operation"]) for _, request in read]

    def run_ids(self) -> list[str]:
        """The ids of every run whose journal is still there, oldest first."""
        return sorted(path.parent.name for path in self.layout.root.glob("journal/*/*/*/request.json"))

    def operator_writes(self) -> int:
        """How many writes of the operator the API server's audit log has, its renewed Lease aside."""
        user, verbs = "system:serviceaccount:tradai-system:tradai-operator", {"create", "update", "patch", "delete"}
        lines = self.layout.audit_log.read_text().splitlines()
        entries = (json.loads(line) for line in lines if line.startswith("{"))
        return sum(
            entry.get("objectRef", {}).get("resource") != "leases"
            and entry["user"].get("username") == user
            and entry["verb"] in verbs
            and entry["stage"] == "ResponseComplete"
            for entry in entries
        )


class _Eyes:
    """A few pairs that keep their connections; each is closed before another takes its place."""

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._open: dict[tuple[Path, int], Official] = {}

    def of(self, kubeconfig: Path) -> Official:
        """Those of a kubeconfig as it is written now."""
        key = (kubeconfig, kubeconfig.stat().st_mtime_ns)
        if key not in self._open:
            while len(self._open) >= self._most:
                self._open.pop(next(iter(self._open))).close()
            self._open[key] = Official(kubeconfig)
        return self._open[key]


_EYES = _Eyes()


def condition(status: Mapping[str, Any], kind: str) -> str:
    """The truth of one condition, Unknown where it is not there."""
    return next((c["status"] for c in status.get("conditions", []) if c["type"] == kind), "Unknown")


def example(environment: str, **spec: Any) -> dict[str, Any]:
    """The example manifest of an environment, with parts of its spec replaced."""
    manifest: dict[str, Any] = yaml.safe_load((EXAMPLES / f"env-{environment}.yaml").read_text())
    manifest["spec"] |= spec
    return manifest
