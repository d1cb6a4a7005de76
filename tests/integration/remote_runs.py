"""Runs of the sample blueprint for executors whose runs live elsewhere, and the stories that all of them share.

Must never know which executor it is.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.requests import request_of
from tests.integration.conftest import RunningSandbox
from tests.latency import set_latency
from tests.standins.container import isolation
from tradai_operator.adapters.runs.remote import RemoteExecutor
from tradai_operator.ports import Observation
from tradai_runner.contract import RunRequest, RunResult

BUCKET = "tradai-pulumi-state-dev"
CANARY = "canary-of-the-secrets-9c1f"
PASSPHRASE = f"passphrase-{CANARY}"
_PATIENCE_SECONDS = 120.0


def request(sandbox: RunningSandbox, environment: str, run_id: str, **changes: Any) -> RunRequest:
    """An `up` of the sample's store."""
    base: dict[str, Any] = {
        "run_id": run_id,
        "blueprint": "sample",
        "layer": "store",
        "environment": environment,
        "operation": "up",
        "account_id": "123456789012",
        "region": "eu-central-1",
        "endpoint_url": sandbox.endpoint,
        "backend_url": f"s3://{BUCKET}",
    }
    return request_of(**(base | changes))


@contextmanager
def slowed(sandbox: RunningSandbox, wait: str = "250ms") -> Iterator[None]:
    """Every AWS call takes a while, so that a run can be caught at work."""
    set_latency(sandbox.endpoint, wait)
    try:
        yield
    finally:
        set_latency(sandbox.endpoint, "0ms")


async def until(what: str, seen: Callable[[], Awaitable[Any]]) -> Any:
    """Looks again and again, and gives what is seen at last."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (found := await seen()):
        assert time.monotonic() < deadline, f"waited for {what}"
        await asyncio.sleep(0.1)
    return found


async def ended(executor: RemoteExecutor, handle: str) -> Observation:
    """How a run is once it has ended or is lost."""
    await asyncio.wait_for(executor.changed([handle]), _PATIENCE_SECONDS)
    return await executor.observe(handle)


async def result_of(executor: RemoteExecutor, wanted: RunRequest, **secrets: str) -> RunResult:
    """A whole run, its journal and secrets gone after it."""
    handle = executor.handle("uid", wanted)
    await executor.start(handle, wanted, PASSPHRASE, secrets)
    seen = await ended(executor, handle)
    assert seen.result is not None, seen
    await executor.finish(handle)
    return seen.result


async def at_work(executor: RemoteExecutor, sandbox: RunningSandbox, wanted: RunRequest) -> str:
    """The handle of a run whose engine holds the stack."""
    handle = executor.handle("uid", wanted)
    await executor.start(handle, wanted, PASSPHRASE, {})

    async def holds() -> bool:
        progress = (await executor.observe(handle)).progress
        return progress is not None and progress.resources.total > 0 and bool(locks(sandbox, wanted))

    await until("the engine to work under its lock", holds)
    return handle


async def tell_of_a_cancelled_run(
    executor: RemoteExecutor, sandbox: RunningSandbox, environment: str, gone: Callable[[], Awaitable[bool]]
) -> None:
    """Cancelled twice it ends once and as cancelled, its container goes, and the next run finds no hindrance."""
    wanted = request(sandbox, environment, "r1")
    with slowed(sandbox):
        handle = await at_work(executor, sandbox, wanted)
    with slowed(sandbox, "1500ms"):  # so that it is not through before it hears of it
        await executor.cancel(handle)
        await executor.cancel(handle)
        seen = await ended(executor, handle)
    assert seen.result is not None
    assert seen.result.outcome == "cancelled"
    await executor.finish(handle)
    await until("the container to go", gone)
    again = await result_of(executor, request(sandbox, environment, "r2"))
    assert again.outcome == "succeeded", again.failure
    assert not locks(sandbox, wanted), "what a cancelled engine may have left is no hindrance"


async def tell_of_a_killed_run(
    executor: RemoteExecutor, sandbox: RunningSandbox, environment: str, kill: Callable[[], str]
) -> None:
    """It is lost, and the next run removes its lock; `kill` gives how the container's host name begins."""
    wanted = request(sandbox, environment, "r1")
    with slowed(sandbox):
        handle = await at_work(executor, sandbox, wanted)
        host = kill()
    (lock,) = locks(sandbox, wanted)
    assert not isolation() or lock["hostname"].startswith(host)
    assert (await ended(executor, handle)).lost
    await executor.finish(handle)
    again = await result_of(executor, request(sandbox, environment, "r2"))
    assert again.outcome == "succeeded", again.failure
    assert any("removed the lock of a run that died" in repair.what for repair in again.repairs), again.repairs
    assert locks(sandbox, wanted) == []


def objects(sandbox: RunningSandbox, prefix: str) -> dict[str, bytes]:
    """The objects of the state bucket below a prefix."""
    s3 = sandbox.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def locks(sandbox: RunningSandbox, wanted: RunRequest) -> list[dict[str, Any]]:
    """The locks of a request's stack."""
    prefix = f".pulumi/locks/organization/{wanted.blueprint}-{wanted.layer}/{wanted.environment}/"
    return [json.loads(body) for body in objects(sandbox, prefix).values()]


def left_of(sandbox: RunningSandbox, wanted: RunRequest) -> list[str]:
    """What the bucket still has of a run, by file."""
    prefix = f".tradai/runs/{wanted.blueprint}-{wanted.layer}/{wanted.environment}/{wanted.run_id}/"
    return sorted(key.removeprefix(prefix) for key in objects(sandbox, prefix))
