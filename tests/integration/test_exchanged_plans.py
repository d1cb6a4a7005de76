"""A plan whose file in the bucket was exchanged binds no engine: local runs and runs in containers refuse alike."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.integration.conftest import RunningSandbox
from tests.integration.remote_runs import BUCKET, request
from tradai_runner.contract import PlanRef, RunRequest, RunResult
from tradai_runner.journal.address import RunAddress
from tradai_runner.journal.bucket import BucketJournal, store_at
from tradai_runner.journal.local import RunJournal

PROJECT = "sample-store"
Where = Literal["local", "bucket"]


class Runs:
    """Runs of one environment's store, as processes of their own; `where` is their journal."""

    def __init__(self, sandbox: RunningSandbox, where: Where, folder: Path) -> None:
        self.sandbox = sandbox
        self.where = where
        self.folder = folder
        self.environment = f"eph-swap-{where}"
        self.count = 0

    def run(self, note: str, **changes: Any) -> RunResult:
        self.count += 1
        made = request(self.sandbox, self.environment, f"20260101T00000{self.count}-{self.count:04x}", **changes)
        made = made.model_copy(update={"config": {"note": note}})
        found = self._local(made) if self.where == "local" else self._remote(made)
        assert found is not None
        return found

    def _local(self, made: RunRequest) -> RunResult | None:
        journal = RunJournal(self.folder / made.run_id)
        journal.open(made)
        self._process(str(journal.path))
        return journal.result()

    def _remote(self, made: RunRequest) -> RunResult | None:
        address = RunAddress.of(made, PROJECT)
        journal = BucketJournal(address, store_at(address))
        journal.open(made, {})
        self._process(str(address))
        return journal.result()

    def _process(self, journal: str) -> None:
        env = os.environ | self.sandbox.env | {"TRADAI_SECRETS_DIR": str(self.folder)}
        command = [sys.executable, "-m", "tradai_runner", journal]
        subprocess.run(command, env=env, capture_output=True, check=False)

    def key(self, run_id: str) -> str:
        return f".tradai/runs/{PROJECT}/{self.environment}/{run_id}/update-plan.json"

    def body(self, key: str) -> bytes:
        found: bytes = self.sandbox.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return found

    def put(self, key: str, body: bytes) -> None:
        self.sandbox.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)

    def note(self) -> str | None:
        """The table's tag in AWS."""
        tables = self.sandbox.client("dynamodb")
        arn = tables.describe_table(TableName=f"sample-items-{self.environment}")["Table"]["TableArn"]
        tags = {found["Key"]: found["Value"] for found in tables.list_tags_of_resource(ResourceArn=arn)["Tags"]}
        return tags.get("Note")


@pytest.fixture(params=["local", "bucket"])
def runs(
    request: pytest.FixtureRequest, sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Runs:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    return Runs(sandbox, request.param, tmp_path)


@pytest.mark.timeout(1200)
def test_what_was_approved_runs_and_what_took_its_place_does_not(runs: Runs) -> None:
    assert runs.run("first").outcome == "succeeded"
    approved = runs.run("second", operation="preview", keep_plan=True)
    assert approved.plan is not None
    other = runs.run("third", operation="preview", keep_plan=True)
    named = PlanRef(run_id=approved.run_id, digest=approved.plan.digest)
    kept = runs.body(runs.key(approved.run_id))

    runs.put(runs.key(approved.run_id), runs.body(runs.key(other.run_id)))
    refused = runs.run("third", plan=named)
    assert refused.failure is not None
    assert (refused.failure.kind, refused.resources.total) == ("Plan", 0)
    assert "not what it was" in refused.failure.error
    assert runs.note() == "first"

    runs.put(runs.key(approved.run_id), kept)
    went = runs.run("second", plan=named)
    assert went.outcome == "succeeded", went.failure
    assert runs.note() == "second"
