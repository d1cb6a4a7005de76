"""A sandbox to measure in: brought up fresh, looked at from outside, taken down.

Must never reach into the operator: journals, audit log, Kubernetes and processes are all it reads.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import psutil
import yaml

from tradai_iac.blueprints import BLUEPRINTS
from tradai_runner.bucket.store import BucketStore
from tradai_runner.journal.local import RunJournal
from tradai_runner.state.checkpoint import Checkpoint
from tradai_runner.state.missing import Stack
from tradai_runner.state.reading import read_stack
from tradai_sandbox import lifecycle
from tradai_sandbox.layout import CHECKOUT, Layout
from tradai_sandbox.state import load
from tradai_sandbox.status import environment

_WRITES = {"create", "update", "patch", "delete", "deletecollection"}
_OPERATOR = "system:serviceaccount:tradai-system:tradai-operator"


def manifest(environment: str) -> Path:
    """The example of an environment."""
    return CHECKOUT / "crds" / "examples" / f"env-{environment}.yaml"


MANIFEST = manifest("dev")


@dataclass(frozen=True)
class Request:
    """One request to the API server: seconds since the epoch, and `verb resource`."""

    at: float
    what: str


@dataclass(frozen=True)
class Bed:
    """One running sandbox."""

    layout: Layout
    env: Mapping[str, str]

    def run(self, *words: str, **variables: str) -> str:
        """What a command printed, with more environment variables; raises RuntimeError with what it said."""
        env = os.environ | dict(self.env) | variables
        ran = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise RuntimeError(f"{' '.join(words)} failed: {ran.stderr[-2000:]}")
        return ran.stdout

    def deploy(self) -> float:
        """Applies dev, brings its images as soon as their repositories are there, and returns when it is Ready.

        What it returns is when all images were there, in seconds since the epoch.
        """
        self.run("kubectl", "apply", "-f", str(MANIFEST))
        first = "--for=jsonpath={.status.layers[0].state}=Ready"  # the layer that has the repositories
        self.run("kubectl", "wait", "-n", "tradai", "tradaienv/dev", first, "--timeout=1800s")
        self.push_images()
        pushed = time.time()
        self.wait_ready()
        return pushed

    def push_images(self, environment: str = "dev", content: str = "sandbox") -> None:
        """Stand-ins for every image; those of the same content that are there already stay."""
        file = str(manifest(environment))
        self.run("tradai", "images", "push", environment, "--file", file, "--content", content)

    def wait_ready(self, name: str = "dev") -> None:
        """Returns when that environment is Ready for the generation that was applied last."""
        words = f"kubectl get tradaienv {name} -n tradai -o jsonpath={{.metadata.generation}}"
        generation = self.run(*words.split())
        self.run(
            "kubectl", "wait", "-n", "tradai", f"tradaienv/{name}", "--timeout=1800s",
            f"--for=jsonpath={{.status.observedGeneration}}={generation}",
        )  # fmt: skip
        self.run("kubectl", "wait", "-n", "tradai", f"tradaienv/{name}", "--for=condition=Ready", "--timeout=1800s")

    def apply(self, *bodies: Mapping[str, Any]) -> None:
        """`kubectl apply` of bodies."""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump_all(map(dict, bodies), file)
            file.flush()
            self.run("kubectl", "apply", "-f", file.name)

    def patch(self, kind: str, name: str, body: Mapping[str, Any]) -> None:
        """`kubectl patch --type=merge`."""
        self.run("kubectl", "patch", kind, name, "-n", "tradai", "--type=merge", "-p", json.dumps(body))

    def journals(self) -> list[RunJournal]:
        """The runs whose journals are kept, oldest first."""
        found = self.layout.journal.glob("*/*/*/request.json")
        return [RunJournal(path.parent) for path in sorted(found, key=lambda path: path.stat().st_mtime)]

    def runs(self) -> frozenset[Path]:
        """Which runs there are: compared as a set, since the operator prunes old journals."""
        return frozenset(journal.path for journal in self.journals())

    def writes(self) -> list[Request]:
        """The writes that the operator's service account made, oldest first, by the API server's audit log."""
        return self.requests(_WRITES)

    def requests(self, verbs: Collection[str]) -> list[Request]:
        """The operator's requests of those verbs, oldest first, without those about its lease."""
        lines = self.layout.audit_log.read_text().splitlines()
        entries = (json.loads(line) for line in lines if line.endswith("}"))
        return [_request(entry) for entry in entries if entry["verb"] in verbs and _is_ours(entry)]

    def operator(self) -> psutil.Process:
        """The operator's process; raises KeyError where there is none."""
        state = load(self.layout.state)
        if state is None:
            raise KeyError("operator")
        return psutil.Process(state.processes["operator"].mark.pid)

    def metrics(self) -> str:
        """The operator's metrics; empty where it does not answer yet."""
        state = load(self.layout.state)
        address = f"http://127.0.0.1:{state.ports['operator']}/metrics" if state else ""
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - loopback
                return str(answer.read().decode())
        except OSError:
            return ""

    def resources(self) -> int:
        """How many AWS resources the four states hold."""
        recorded = (self.checkpoint(layer, "dev") for layer in BLUEPRINTS["tradai"].layer_names)
        return sum(found.type.startswith("aws:") for each in recorded for found in each.resources)

    def client(self, service: str) -> Any:
        """A plain boto3 client."""
        make: Any = boto3.client
        return make(service, **_client(self.env))

    def checkpoint(self, layer: str, environment: str) -> Checkpoint:
        """What the state has of a layer, an empty record where there is none."""
        store = BucketStore(self.client("s3"), f"tradai-pulumi-state-{environment}")
        return read_stack(store, Stack(BLUEPRINTS["tradai"].stack_project(layer), environment)).checkpoint

    def bare(self, layer: str) -> tuple[float, float]:
        """(wall seconds, CPU seconds) of the bare script's process and of all that it starts.

        The layer's images are pushed and known before the clock starts. It looks for updates of the engine as little as
        our runs do, which a slow network would make an advantage.
        """
        images, before = json.dumps(self.digests(layer)), os.times()
        self.script("tradai", layer, "dev", IMAGES=images)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return after.elapsed - before.elapsed, cpu

    def script(self, blueprint: str, layer: str, environment: str, **variables: str) -> None:
        """Runs the bare script of a layer to its end; raises RuntimeError where that fails."""
        script = Path(__file__).with_name("bare.py")
        self.run(
            sys.executable, str(script), blueprint, layer, environment, PULUMI_SKIP_UPDATE_CHECK="true", **variables
        )

    def digests(self, layer: str, environment: str = "dev", content: str = "sandbox") -> dict[str, str]:
        """The digests of the images that a layer runs, pushed first; by component."""
        declared = BLUEPRINTS["tradai"].layer(layer)
        if declared.images(declared.config()):
            self.push_images(environment, content)
        rendered = self.run("tradai", "infra", "config", layer, environment, "--file", str(manifest(environment)))
        digests: dict[str, str] = yaml.safe_load(rendered)["config"]["tradai:images"]
        return digests


def _is_ours(entry: Mapping[str, Any]) -> bool:
    ours = entry["user"].get("username") == _OPERATOR and entry.get("stage") == "ResponseComplete"
    return ours and entry.get("objectRef", {}).get("resource") != "leases"


def _request(entry: Mapping[str, Any]) -> Request:
    target = entry.get("objectRef", {})
    what = "/".join(filter(None, [f"{entry['verb']} {target.get('resource')}", target.get("subresource")]))
    return Request(datetime.fromisoformat(entry["requestReceivedTimestamp"]).timestamp(), what)


def _client(env: Mapping[str, str]) -> dict[str, str]:
    return {
        "endpoint_url": env["AWS_ENDPOINT_URL"],
        "region_name": env["AWS_DEFAULT_REGION"],
        "aws_access_key_id": env["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": env["AWS_SECRET_ACCESS_KEY"],
    }


@contextmanager
def bed(*, latency: str, operator: bool) -> Iterator[Bed]:
    """A fresh sandbox, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tradai-bench-") as folder:
        root = Path(folder) / "sandbox"
        lifecycle.up(root, say, latency=latency, with_operator=operator)
        try:
            yield Bed(Layout(root), environment(root))
        finally:
            lifecycle.down(root, say)


def say(text: str) -> None:
    """Tells people where the measuring stands."""
    print(f"  {text}", file=sys.stderr)
