"""Runs as Jobs on the real API server, with the real Job controller, runner and engine, on a node that is a stand-in.

The operator's part has exactly its rights; the namespace takes only pods of the restricted standard.
"""

import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from lightkube import AsyncClient, KubeConfig

from tests.integration.conftest import RunningSandbox
from tests.integration.remote_runs import (
    CANARY,
    ended,
    left_of,
    objects,
    request,
    result_of,
    tell_of_a_cancelled_run,
    tell_of_a_killed_run,
    until,
)
from tests.standins.kubelet import Kubelet
from tradai_operator.adapters.runs.jobs import JobSettings
from tradai_operator.adapters.runs.kubernetes_host import KubernetesHost
from tradai_operator.adapters.runs.remote import RemoteExecutor
from tradai_runner.bucket.store import open_store
from tradai_runner.lock.dead_runs import is_declared_dead
from tradai_sandbox.layout import OPERATOR_RBAC

NAMESPACE = "tradai-system"
STANDARD = "pod-security.kubernetes.io/enforce"


def kubectl(sandbox: RunningSandbox, *words: str) -> str:
    ran = subprocess.run(["kubectl", *words], env=os.environ | sandbox.env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def items(sandbox: RunningSandbox, kind: str, environment: str, run_id: str) -> list[dict[str, Any]]:
    """The objects of one run of one environment."""
    marks = f"tradai.io/environment={environment},tradai.io/run={run_id}"
    found = kubectl(sandbox, "get", kind, "-n", NAMESPACE, "-l", marks, "-o", "json")
    listed: list[dict[str, Any]] = json.loads(found)["items"]
    return listed


@pytest.fixture(scope="module")
def node(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubelet]:
    kubectl(sandbox, "apply", "-f", str(OPERATOR_RBAC.parent / "rbac-executor-kubernetes.yaml"))
    kubectl(sandbox, "label", "namespace", NAMESPACE, f"{STANDARD}=restricted", "--overwrite")
    given = ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    environment = {name: sandbox.env[name] for name in given} | {"LANG": "C.UTF-8"}
    with Kubelet(sandbox.kubeconfig, NAMESPACE, tmp_path_factory.mktemp("node"), environment) as node:
        yield node
    kubectl(sandbox, "label", "namespace", NAMESPACE, f"{STANDARD}-")


def operator(sandbox: RunningSandbox, api: AsyncClient) -> RemoteExecutor:
    """The executor as an operator process has it, with the operator's rights."""
    settings = JobSettings(
        NAMESPACE,
        "registry.example/tradai-operator:1",
        environment={"AWS_ENDPOINT_URL": sandbox.endpoint, "AWS_DEFAULT_REGION": "eu-central-1"},
    )
    return RemoteExecutor(KubernetesHost(api, settings))


@pytest.fixture
async def api(sandbox: RunningSandbox) -> AsyncIterator[AsyncClient]:
    api = AsyncClient(config=KubeConfig.from_file(sandbox.layout.kubeconfig("operator")))
    yield api
    await api.close()


@pytest.fixture
async def executor(
    sandbox: RunningSandbox, node: Kubelet, api: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> RemoteExecutor:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    node.holding.clear()
    return operator(sandbox, api)


async def test_a_run_is_one_job_that_another_operator_can_follow_and_its_secrets_go_with_it(
    sandbox: RunningSandbox, executor: RemoteExecutor, api: AsyncClient, node: Kubelet
) -> None:
    first = await result_of(executor, request(sandbox, "eph-job", "r1"))
    assert first.outcome == "succeeded", first.failure
    wanted = request(sandbox, "eph-job", "r2", layer="work")
    wanted = wanted.model_copy(update={"config": {"secrets": {"token": {"secretRef": {"name": "x", "key": "y"}}}}})
    handle = executor.handle("uid", wanted)
    node.holding.set()
    await executor.start(handle, wanted, f"passphrase-{CANARY}", {"token": CANARY})
    await executor.start(handle, wanted, f"passphrase-{CANARY}", {"token": CANARY})  # again is no second run
    (secret,) = items(sandbox, "secret", "eph-job", "r2")
    assert [owner["kind"] for owner in secret["metadata"]["ownerReferences"]] == ["Job"]
    waiting = await executor.observe(handle)
    assert (waiting.lost, waiting.result) == (False, None)
    assert waiting.progress is not None
    assert waiting.progress.current == "waits for its container"
    node.holding.clear()

    heir = operator(sandbox, api)
    seen = await ended(heir, handle)
    assert seen.result is not None
    assert seen.result.outcome == "succeeded", seen.result.failure
    assert seen.result.sealed
    (job,) = items(sandbox, "job", "eph-job", "r2")
    assert CANARY not in json.dumps(job)
    assert CANARY not in "".join(json.dumps(pod.to_dict(), default=str) for pod in node.seen)
    await heir.finish(handle)
    assert items(sandbox, "secret", "eph-job", "r2") == []
    assert items(sandbox, "job", "eph-job", "r2")
    assert left_of(sandbox, wanted) == ["log.txt", "result.json"]
    assert not [key for key, body in objects(sandbox, ".tradai/runs/").items() if CANARY.encode() in body]


async def test_a_failure_says_why_and_leaves_its_log(sandbox: RunningSandbox, executor: RemoteExecutor) -> None:
    wanted = request(sandbox, "eph-jobfail", "r1", layer="work")
    result = await result_of(executor, wanted)
    assert result.outcome == "failed"
    assert result.failure is not None
    assert result.failure.hint
    log = objects(sandbox, ".tradai/runs/sample-work/eph-jobfail/r1/")[
        ".tradai/runs/sample-work/eph-jobfail/r1/log.txt"
    ]
    assert b"update failed" in log


async def test_a_run_that_is_cancelled_ends_cleanly(sandbox: RunningSandbox, executor: RemoteExecutor) -> None:
    async def gone() -> bool:
        return not items(sandbox, "pod", "eph-jobstop", "r1")

    await tell_of_a_cancelled_run(executor, sandbox, "eph-jobstop", gone)


async def test_a_killed_run_is_lost_and_the_next_one_removes_its_lock(
    sandbox: RunningSandbox, executor: RemoteExecutor, node: Kubelet
) -> None:
    def kill() -> str:
        name = next(name for name in node.containers if "eph-jobkill" in name)
        node.containers[name].kill()
        return name

    await tell_of_a_killed_run(executor, sandbox, "eph-jobkill", kill)
    assert items(sandbox, "secret", "eph-jobkill", "r1") == []


async def test_a_run_that_never_began_is_lost_and_may_not_begin_later(
    sandbox: RunningSandbox, executor: RemoteExecutor, node: Kubelet
) -> None:
    wanted = request(sandbox, "eph-joblate", "r1")
    handle = executor.handle("uid", wanted)
    assert (await executor.observe(handle)).lost
    await executor.start(handle, wanted, "passphrase", {})  # by an operator that was away meanwhile

    async def refused() -> bool:
        return any("eph-joblate" in name and one.exit_code == 4 for name, one in node.containers.items())

    await until("the late runner to be refused", refused)
    store: Any = open_store(wanted.backend_url, wanted.region, wanted.endpoint_url)
    assert is_declared_dead(store, "sample-store", "eph-joblate", "r1")
    assert not [key for key in objects(sandbox, ".pulumi/stacks/sample-store/") if "eph-joblate" in key]


async def test_a_bucket_that_does_not_answer_is_no_death(sandbox: RunningSandbox, executor: RemoteExecutor) -> None:
    away = request(sandbox, "eph-away", "r1", endpoint_url="http://127.0.0.1:9")
    seen = await executor.observe(executor.handle("uid", away))
    assert (seen.lost, seen.result) == (False, None)


def test_the_rights_are_just_those_of_jobs(sandbox: RunningSandbox, node: Kubelet) -> None:
    account = f"--as=system:serviceaccount:{NAMESPACE}:tradai-operator"
    env = os.environ | sandbox.env
    for verb, kind, namespace, may in (
        ("create", "jobs", NAMESPACE, True),
        ("create", "jobs", "tradai", False),
        ("list", "jobs", NAMESPACE, False),
        ("get", "pods", NAMESPACE, False),
        ("create", "pods", NAMESPACE, False),
    ):
        asked = ["kubectl", "auth", "can-i", verb, kind, "-n", namespace, account]
        said = subprocess.run(asked, env=env, capture_output=True, text=True, check=False).stdout.strip()
        assert said == ("yes" if may else "no"), (verb, kind, namespace)
