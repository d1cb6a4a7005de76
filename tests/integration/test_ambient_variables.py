"""Whoever starts a run may have variables around them that tell the engine to do less, or to write what nobody reads:
the whole work is done all the same, and the state can be read."""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.fakes.requests import request_of
from tests.faults.sample import manifest
from tests.integration.conftest import RunningSandbox
from tradai_operator.adapters.runs.local import LocalExecutor
from tradai_runner.bucket.keys import state_key
from tradai_runner.contract import Operation, RunRequest, RunResult

BUCKET: Final = "tradai-pulumi-state-dev"
HOSTILE: Final = {
    "PULUMI_OPTION_TARGET": "urn:pulumi:x::sample-store::aws:sns/topic:Topic::none",
    "PULUMI_OPTION_EXCLUDE_PROTECTED": "true",
    "PULUMI_OPTION_REFRESH": "true",
    "PULUMI_SKIP_CHECKPOINTS": "true",
    "PULUMI_EXPERIMENTAL": "true",
    "PULUMI_DIY_BACKEND_GZIP": "true",
    "PULUMI_SELF_MANAGED_STATE_GZIP": "true",
    "AWS_ENDPOINT_URL_SNS": "http://127.0.0.1:1",
}


def stored(sandbox: RunningSandbox, stage: str) -> list[dict[str, Any]]:
    """The resources of AWS in the state, which is read as everybody reads it; no packed one stands beside it."""
    s3 = sandbox.client("s3")
    key = state_key("sample-store", stage)
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET, Prefix=key.removesuffix(".json"))["Contents"]]
    assert not [found for found in keys if found.endswith(".gz")]
    resources = json.loads(body)["checkpoint"]["latest"].get("resources", [])
    return [each for each in resources if each["type"].startswith("aws:")]


def test_a_person_with_such_variables_does_the_whole_work(sandbox: RunningSandbox, tmp_path: Path) -> None:
    stage = "eph-amba"
    file = tmp_path / "env.yaml"
    file.write_text(yaml.safe_dump(manifest(stage)))

    def infra(*words: str) -> str:
        command = ["tradai", "infra", *words, "--file", str(file)]
        ran = subprocess.run(
            command, env={**sandbox.env, **HOSTILE, "COLUMNS": "500"}, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    said = infra("up", "store", stage)
    assert "PULUMI_OPTION_TARGET" in said, "whoever set it hears that it has no effect"
    made = stored(sandbox, stage)
    assert len(made) >= 3
    assert "unchanged" in infra("preview", "store", stage)
    assert infra("outputs", stage, "store", "--show-secrets")
    infra("down", "store", stage, "--yes")
    assert stored(sandbox, stage) == []


def asked(sandbox: RunningSandbox, stage: str, operation: Operation, run: str) -> RunRequest:
    return request_of(
        run_id=run,
        blueprint="sample",
        layer="store",
        environment=stage,
        operation=operation,
        account_id="123456789012",
        region="eu-central-1",
        endpoint_url=sandbox.endpoint,
        backend_url=f"s3://{BUCKET}",
        config={"note": "first"},
    )


@pytest.mark.timeout(600)
async def test_an_operator_with_such_variables_does_the_whole_work(sandbox: RunningSandbox, tmp_path: Path) -> None:
    stage = "eph-ambb"
    executor = LocalExecutor(tmp_path, sandbox.env | HOSTILE)

    async def ran(operation: Operation, run: str) -> RunResult:
        request = asked(sandbox, stage, operation, run)
        handle = executor.handle("uid", request)
        await executor.start(handle, request, "open sesame", {})
        await asyncio.wait_for(executor.changed([handle]), 300)
        seen = await executor.observe(handle)
        await executor.finish(handle)
        await asyncio.gather(*executor._reapers)
        assert seen.result is not None
        assert seen.result.outcome == "succeeded", seen.result.failure
        return seen.result

    made = await ran("up", "r1")
    state = stored(sandbox, stage)
    assert made.resources.created >= len(state) >= 3
    assert (await ran("preview", "r2")).resources.created == 0
    await ran("destroy", "r3")
    assert stored(sandbox, stage) == []
