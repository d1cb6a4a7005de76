"""What the real engine leaves behind of several updates, cleared by a small retention: the state stands and can be put
back.

The runs are of today, and nothing younger than two days goes: so the last one is archived as if it had ended later.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.faults.sample import manifest
from tests.integration.conftest import RunningSandbox
from tradai_cli.by_hand import request_for
from tradai_operator.model.environment import parse_spec
from tradai_runner.archive import archive
from tradai_runner.contract import RunRequest, RunResult, Update
from tradai_runner.journal.local import RunJournal
from tradai_runner.retention import YOUNG_SECONDS

ENVIRONMENT, PROJECT, BUCKET = "eph-keep", "sample-store", "tradai-pulumi-state-dev"
UPDATES, KEPT = 5, 2


class Store:
    """The sample's store layer, updated by real runs."""

    def __init__(self, sandbox: RunningSandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.runs = 0

    def manifest(self, note: str) -> dict[str, Any]:
        return manifest(ENVIRONMENT, note=note)

    def up(self, note: str) -> tuple[RunJournal, RunRequest, RunResult]:
        """One whole run, as an operator would start it."""
        self.runs += 1
        run_id = f"20260101T00000{self.runs}-{self.runs:04x}"
        request = request_for(Update, "store", parse_spec(self.manifest(note)), kept_runs=KEPT).model_copy(
            update={"run_id": run_id, "endpoint_url": self.sandbox.endpoint}
        )
        journal = RunJournal(self.folder / run_id)
        journal.open(request)
        command = [sys.executable, "-m", "tradai_runner", str(journal.path)]
        ran = subprocess.run(command, env=self.sandbox.env, capture_output=True, text=True, timeout=600, check=False)
        result = journal.result()
        assert result is not None, ran.stdout + ran.stderr
        assert result.outcome == "succeeded", result.failure
        return journal, request, result

    def keys(self, place: str) -> list[str]:
        """What lies in one place of the bucket, the oldest first."""
        prefix = f"{place}/{PROJECT}/{ENVIRONMENT}/"
        pages = self.sandbox.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return sorted(found["Key"].removeprefix(prefix) for page in pages for found in page.get("Contents", []))

    def state(self) -> bytes:
        key = f".pulumi/stacks/{PROJECT}/{ENVIRONMENT}.json"
        body: bytes = self.sandbox.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body

    def tradai(self, *words: str, stdin: str = "") -> str:
        file = self.folder / "env.yaml"
        file.write_text(yaml.safe_dump(self.manifest("any")))
        ran = subprocess.run(
            ["tradai", "state", *words, "--file", str(file)],
            env={**self.sandbox.env, "COLUMNS": "500"},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture
def store(sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    return Store(sandbox, tmp_path)


def moments(keys: list[str]) -> list[str]:
    """The updates that files of the engine are of, by their nanoseconds, the oldest first."""
    found = [re.search(r"[-.](\d{19})\.", key) for key in keys]
    assert all(found), keys
    return sorted({match[1] for match in found if match})


@pytest.mark.timeout(1200)
def test_a_small_retention_leaves_just_what_it_keeps_and_a_state_that_can_be_put_back(store: Store) -> None:
    store.up("first")
    copy = re.search(r"/([^/]+-hand)\.json", store.tradai("backup", ENVIRONMENT, "store"))
    assert copy
    for number in range(2, UPDATES):
        store.up(f"note {number}")
    journal, request, result = store.up("last")
    history, backups, runs = (store.keys(place) for place in (".pulumi/history", ".pulumi/backups", ".tradai/runs"))
    state, made = store.state(), moments(history)
    assert len(made) >= UPDATES, "each update has its own history, and what is young stays"
    assert len(moments(backups)) > KEPT
    assert {key.partition("/")[0] for key in runs} == {f"20260101T00000{n}-{n:04x}" for n in (4, 5)} | {"latest"}

    archive(journal, request, result.model_copy(update={"finished_at": result.finished_at + YOUNG_SECONDS + 3600}))

    left = store.keys(".pulumi/history")
    assert left == [key for key in history if moments([key])[0] in made[-KEPT:]]
    assert moments(left) == made[-KEPT:]
    assert store.keys(".pulumi/backups") == [key for key in backups if moments([key])[0] in moments(backups)[-KEPT:]]
    assert store.keys(".tradai/backups") == [f"{copy[1]}.json"], "one copy is no more than are kept"
    assert store.state() == state

    said = store.tradai("restore", ENVIRONMENT, "store", copy[1], stdin=f"{ENVIRONMENT}\n")
    assert "what it had: .tradai/backups/sample-store/eph-keep/" in said
    notes = {found.get("inputs", {}).get("tags", {}).get("Note") for found in resources(store.state())}
    assert "first" in notes and "last" not in notes

    _, _, again = store.up("last")
    assert again.resources.updated + again.resources.created + again.resources.replaced >= 1
    notes = {found.get("inputs", {}).get("tags", {}).get("Note") for found in resources(store.state())}
    assert "last" in notes and "first" not in notes


def resources(state: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(state)["checkpoint"]["latest"]["resources"]
    return found
