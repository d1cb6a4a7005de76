"""A package of somebody else's on the real servers: defined, planned, built, repaired, looked at, gone."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tests.integration.interrupted import SLOWED, Stack, until
from tests.plugins.scratch import Scratch, install
from tradai_sandbox.control import take_calls

ENVIRONMENT = "eph-ships"
STREAM = f"harbour-ships-{ENVIRONMENT}"
CREATES = "provider create aws:kinesis/stream:Stream"
SLOWER = "700ms"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return install("harbour", tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return written(tmp_path)


def written(folder: Path, **quay: object) -> Path:
    body = {
        "apiVersion": "tradai.io/v1alpha1",
        "kind": "TradaiEnvironment",
        "metadata": {"name": "ships", "namespace": "default"},
        "spec": {
            "environment": ENVIRONMENT,
            "blueprint": "harbour",
            "aws": {"accountId": "123456789012", "region": "eu-central-1"},
            "state": {
                "backendUrl": "s3://tradai-pulumi-state-dev",
                "secrets": {"passphraseSecretRef": {"name": "tradai-state", "key": "passphrase"}},
            },
            "layers": {"store": {"config": {"goods": "grain"}}, "quay": {"config": quay}},
        },
    }
    (path := folder / "env.yaml").write_text(yaml.safe_dump(body))
    return path


class Hand:
    """A person at work on the environment, where the package is installed."""

    def __init__(self, sandbox: RunningSandbox, scratch: Scratch, manifest: Path) -> None:
        self.env = {**sandbox.env, **scratch.variables, "COLUMNS": "500"}
        self.manifest = manifest

    def words(self, *words: str) -> list[str]:
        return ["tradai", "infra", *words, "--file", str(self.manifest)]

    def infra(self, *words: str, status: int = 0) -> str:
        ran = subprocess.run(self.words(*words), env=self.env, capture_output=True, text=True, check=False)
        assert ran.returncode == status, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr


@pytest.fixture
def hand(sandbox: RunningSandbox, scratch: Scratch, manifest: Path) -> Iterator[Hand]:
    hand = Hand(sandbox, scratch, manifest)
    yield hand
    for layer in ("quay", "store"):
        hand.infra("down", layer, ENVIRONMENT, "--yes")


def streams(sandbox: RunningSandbox) -> list[str]:
    return [name for name in sandbox.client("kinesis").list_streams()["StreamNames"] if name == STREAM]


def test_the_api_server_takes_the_definition_of_all_that_is_installed(
    sandbox: RunningSandbox, scratch: Scratch
) -> None:
    definition = scratch.run("tradai", "crd", "render").stdout
    ran = subprocess.run(
        ["kubectl", "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"],
        input=definition,
        env=sandbox.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_its_type_lives_a_whole_life_a_kill_in_the_middle_of_it(
    sandbox: RunningSandbox, hand: Hand, tmp_path: Path
) -> None:
    hand.infra("up", "store", ENVIRONMENT)
    assert "aws:kinesis" in hand.infra("preview", "quay", ENVIRONMENT)

    kill_in_the_middle(sandbox, hand, tmp_path)
    assert streams(sandbox) == [STREAM]
    arn = sandbox.client("kinesis").describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]["StreamARN"]
    hand.infra("up", "quay", ENVIRONMENT)
    assert streams(sandbox) == [STREAM]
    assert json.loads(hand.infra("outputs", "quay", ENVIRONMENT, "--json"))["quay"] == {"stream_arn": arn}

    assert "as declared" in hand.infra("drift", "quay", ENVIRONMENT)
    sandbox.client("kinesis").add_tags_to_stream(StreamName=STREAM, Tags={"Owner": "a-pirate"})
    assert "a-pirate" in hand.infra("drift", "quay", ENVIRONMENT, status=2)

    written(tmp_path, closed=True)
    assert "Set layers.quay.config.closed to false" in hand.infra("up", "quay", ENVIRONMENT, status=1)
    written(tmp_path, berths=2)
    hand.infra("refresh", "quay", ENVIRONMENT)
    hand.infra("up", "quay", ENVIRONMENT)
    assert "as declared" in hand.infra("drift", "quay", ENVIRONMENT)

    hand.infra("down", "quay", ENVIRONMENT, "--yes")
    assert streams(sandbox) == []


def kill_in_the_middle(sandbox: RunningSandbox, hand: Hand, folder: Path) -> None:
    """kill -9 of all that runs, once AWS has the stream and the state has not."""
    port, pace = urlsplit(sandbox.endpoint).port or 0, Stack(sandbox, ENVIRONMENT, folder)
    take_calls(port)
    pace.slow(SLOWED)
    run = subprocess.Popen(
        hand.words("up", "quay", ENVIRONMENT), env=hand.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    seen: set[str] = set()

    def half() -> bool:
        for call in take_calls(port):
            if call.caller == CREATES:
                seen.add(call.operation)
                pace.slow(SLOWER)
        return len(seen) > 1 or run.poll() is not None

    try:
        until(half, "no stream was made")
        assert run.poll() is None, "the run ended before it was killed"
        for process in psutil.Process(run.pid).children(recursive=True):
            process.send_signal(signal.SIGKILL)
        os.kill(run.pid, signal.SIGKILL)
        run.wait(30)
    finally:
        pace.slow("0ms")
