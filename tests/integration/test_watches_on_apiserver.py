"""What the operator watches beside environments, on the real API server and with exactly its rights."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from lightkube import AsyncClient, KubeConfig

from tests.integration.conftest import RunningSandbox
from tradai_operator.adapters.kubernetes.allowlist import WatchedAllowlist
from tradai_operator.adapters.kubernetes.refusals import TOO_OLD
from tradai_operator.adapters.kubernetes.secret_watch import SecretWatch
from tradai_operator.model.allowlist import KEY, NAME
from tradai_sandbox import credentials
from tradai_sandbox.services import Context, apiserver
from tradai_sandbox.starter import Starter
from tradai_sandbox.state import load

HOME = "tradai-system"


def kubectl(sandbox: RunningSandbox, *words: str, stdin: str | None = None) -> str:
    ran = subprocess.run(
        ["kubectl", *words], env=os.environ | sandbox.env, input=stdin, capture_output=True, text=True, check=True
    )
    return ran.stdout


async def until(condition: Callable[[], Any], patience: float = 30.0) -> None:
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110 - what is watched lives in another process
            await asyncio.sleep(0.05)


@pytest.fixture
async def client(sandbox: RunningSandbox) -> AsyncIterator[AsyncClient]:
    client = AsyncClient(config=KubeConfig.from_file(sandbox.layout.kubeconfig("operator")))
    yield client
    await client.close()


def write_rules(sandbox: RunningSandbox, text: str) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME, "namespace": HOME}, "data": {KEY: text}}
    kubectl(sandbox, "apply", "-f", "-", stdin=json.dumps(body))


async def test_rules_count_as_soon_as_they_are_written_and_no_longer_once_they_are_gone(
    sandbox: RunningSandbox, client: AsyncClient
) -> None:
    rules, told = WatchedAllowlist(client, HOME), list[str]()
    assert rules().broken, "before they are read, nothing is permitted"
    await rules.open()
    assert rules().rules is None
    watching = asyncio.create_task(rules.watch(lambda: told.append("changed")))
    try:
        write_rules(sandbox, "rules: [{namespaces: [tradai]}]")
        await until(lambda: rules().rules)
        write_rules(sandbox, "rules: [")
        await until(lambda: rules().broken)
        kubectl(sandbox, "delete", "configmap", NAME, "-n", HOME)
        await until(lambda: rules().rules is None and not rules().broken)
        assert len(told) >= 3
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_secret_that_is_made_changed_or_deleted_is_told_by_name_alone(
    sandbox: RunningSandbox, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = bytearray()
    lines = httpx2.Response.aiter_lines

    async def listening(self: httpx2.Response) -> AsyncIterator[str]:
        async for line in lines(self):
            heard.extend(line.encode())
            yield line

    monkeypatch.setattr(httpx2.Response, "aiter_lines", listening)
    told: list[tuple[str, str]] = []
    watching = asyncio.create_task(SecretWatch(client).run(lambda *key: told.append(key)))
    try:
        await until(lambda: ("tradai", "tradai-state") in told)
        told.clear()
        kubectl(sandbox, "create", "secret", "generic", "seen", "-n", "tradai", "--from-literal=k=canary-of-seen")
        await until(lambda: told == [("tradai", "seen")])
        patch = '{"stringData":{"k":"canary-of-change"}}'
        kubectl(sandbox, "patch", "secret", "seen", "-n", "tradai", "-p", patch)
        await until(lambda: told == [("tradai", "seen")] * 2)
        kubectl(sandbox, "delete", "secret", "seen", "-n", "tradai")
        await until(lambda: told == [("tradai", "seen")] * 3)
        assert b'"seen"' in heard
        assert b'"data"' not in heard
        assert b"Y2FuYXJ5" not in heard, "no value came over the wire, in base64 either"
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_namespace_that_refuses_is_no_end_to_the_others(
    sandbox: RunningSandbox, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    del client
    kubectl(sandbox, "create", "serviceaccount", "bounded", "-n", HOME)
    rights = ("--verb=list,watch", "--resource=secrets", "-n", "tradai")
    kubectl(sandbox, "create", "role", "bounded", *rights)
    kubectl(
        sandbox,
        "create",
        "rolebinding",
        "bounded",
        "--role=bounded",
        f"--serviceaccount={HOME}:bounded",
        "-n",
        "tradai",
    )
    config = KubeConfig.from_file(sandbox.layout.kubeconfig("operator")).get()
    assert config and config.user
    config.user.token = kubectl(sandbox, "create", "token", "bounded", "-n", HOME).strip()
    bounded, told = AsyncClient(config=config), list[tuple[str, str]]()
    watching = asyncio.create_task(SecretWatch(bounded, {"tradai", HOME}).run(lambda *key: told.append(key)))
    try:
        await until(lambda: ("tradai", "tradai-state") in told)
        told.clear()
        kubectl(sandbox, "create", "secret", "generic", "other", "-n", "tradai")
        await until(lambda: told == [("tradai", "other")])
        assert not watching.done()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await bounded.close()
        kubectl(sandbox, "delete", "secret", "other", "-n", "tradai")


async def test_what_was_written_before_the_api_server_started_is_too_old_to_watch_from(
    sandbox: RunningSandbox,
) -> None:
    """An event says so, as unit tests have it; whoever goes on from such an object is told that each time."""
    where = ("configmap", "old", "-n", HOME)
    kubectl(sandbox, "create", *where)
    version = kubectl(sandbox, "get", *where, "-o", "jsonpath={.metadata.resourceVersion}")
    kubectl(sandbox, "create", "configmap", "newer", "-n", HOME)
    restart_api_server(sandbox)
    asked = f"/api/v1/namespaces/{HOME}/configmaps?watch=1&timeoutSeconds=5&resourceVersion={version}"
    told = [json.loads(line) for line in kubectl(sandbox, "get", "--raw", asked).splitlines()]
    assert [(each["type"], each["object"].get("code")) for each in told] == [("ERROR", TOO_OLD)]
    kubectl(sandbox, "delete", "configmap", "old", "newer", "-n", HOME)


def restart_api_server(sandbox: RunningSandbox) -> None:
    state = load(sandbox.layout.state)
    assert state
    starter = Starter(sandbox.layout, state)
    context = Context(sandbox.layout, state.ports, credentials.ensure(sandbox.layout.credentials))
    starter.start([apiserver.SERVICE], context)
    starter.await_ready([apiserver.SERVICE], context)
