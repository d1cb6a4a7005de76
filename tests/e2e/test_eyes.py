"""What the operator shows of itself while it builds: metrics, log lines with ids, and never a secret."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.environment import Deployed, example
from tradai_sandbox import credentials
from tradai_sandbox.state import load

#: The random parts of a secret, which no way of quoting it changes.
_SECRET_PART = re.compile(r"[\w-]{16,}")


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


def get(sandbox: Deployed, path: str) -> str:
    state = load(sandbox.layout.state)
    assert state
    with urlopen(f"http://127.0.0.1:{state.ports['operator']}{path}", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def value(sandbox: Deployed, metric: str, /, **labels: str) -> float | None:
    for family in text_string_to_metric_families(get(sandbox, "/metrics")):
        for sample in family.samples:
            if sample.name == metric and sample.labels == labels:
                return float(sample.value)
    return None


def log_lines(sandbox: Deployed) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sandbox.layout.log("operator").read_text().splitlines()]


def test_a_run_is_seen_from_outside_and_no_secret_is(sandbox: Deployed) -> None:
    assert get(sandbox, "/healthz") == get(sandbox, "/readyz") == "ok\n"
    manifest = example("dev")
    for layer in ("persistent", "compute", "edge"):
        manifest["spec"]["layers"].setdefault(layer, {})["enabled"] = False
    sandbox.apply(manifest)
    run = {"layer": "foundation", "operation": "up"}
    sandbox.until("the run to be counted", lambda: value(sandbox, "tradai_runs_under_way", **run) == 1)
    assert value(sandbox, "tradai_environments", phase="Building") == 1
    assert value(sandbox, "tradai_environment_ready", namespace="tradai", name="dev") == 0

    status = sandbox.ready("dev")
    sandbox.until(
        "the run to be told", lambda: value(sandbox, "tradai_run_seconds_count", **run, outcome="succeeded") == 1
    )
    assert value(sandbox, "tradai_runs_under_way", **run) is None
    assert value(sandbox, "tradai_environment_ready", namespace="tradai", name="dev") == 1
    assert value(sandbox, "tradai_reconcile_seconds_count", outcome="failed") is None

    lines = log_lines(sandbox)
    told = [line for line in lines if line["event"] in {"run began", "run ended"}]
    assert [line["event"] for line in told] == ["run began", "run ended"]
    assert {(line["namespace"], line["environment"], line["layer"], line["run"]) for line in told} == {
        ("tradai", "dev", "foundation", sandbox.run_ids()[0])
    }
    assert all(line["timestamp"] and line["level"] and line["logger"] for line in lines)
    assert status["phase"] == "Ready"

    kept = sandbox.clients("secretsmanager").batch_get_secret_value(
        Filters=[{"Key": "name", "Values": ["tradai"]}], MaxResults=20
    )
    assert places({"AWS": json.dumps(kept["SecretValues"], default=str)}, sandbox), "the canaries have gone their way"
    assert places(shown(sandbox), sandbox) == []


def shown(sandbox: Deployed) -> dict[str, str]:
    """Everything that people and machines may read, by where it stands."""
    found = {
        "metrics": get(sandbox, "/metrics"),
        "status and spec": json.dumps(sandbox.get("dev")),
        "events": sandbox.kubectl("get", "events", "-A", "-o", "json"),
        "log": sandbox.layout.log("operator").read_text(),
    }
    return found | {str(path): text for path, text in _journals(sandbox.layout.journal)}


def places(texts: Mapping[str, str], sandbox: Deployed) -> list[str]:
    """Which secret of the sandbox stands where."""
    known = credentials.ensure(sandbox.layout.credentials)
    values = {"passphrase": known.passphrase} | known.environment_secrets
    canaries = [(name, part) for name, value in values.items() for part in _SECRET_PART.findall(value)]
    assert len(canaries) >= len(values)
    return [f"{name} in {place}" for place, text in texts.items() for name, part in canaries if part in text]


def _journals(root: Path) -> Iterator[tuple[Path, str]]:
    for path in root.rglob("*"):
        if path.is_file():
            yield path, path.read_text(errors="replace")
