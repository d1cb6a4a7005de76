"""The Kubernetes adapter on the real API server, with exactly the operator's rights."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube import AsyncClient, KubeConfig

from tests.fakes.bodies import body
from tests.integration.conftest import RunningSandbox
from tradai_operator.adapters.kubernetes.cluster import KubeCluster
from tradai_operator.model import keys
from tradai_operator.ports import ClusterError, ConflictError, EventText, ForeignError, Ref, RefusedError
from tradai_operator.reconcile.bodies import stored

NAME = "adapter"


def kubectl(sandbox: RunningSandbox, *words: str, stdin: str | None = None) -> str:
    ran = subprocess.run(
        ["kubectl", *words], env=os.environ | sandbox.env, input=stdin, capture_output=True, text=True, check=True
    )
    return ran.stdout


@pytest.fixture
def ref(sandbox: RunningSandbox) -> Iterator[Ref]:
    manifest = body(NAME, environment="eph-adapter")
    manifest["metadata"] = {"name": NAME, "namespace": "tradai"}
    kubectl(sandbox, "apply", "-f", "-", stdin=json.dumps(manifest))
    yield Ref("tradai", NAME, found(sandbox)["metadata"]["uid"])
    released = '{"metadata":{"finalizers":[]}}'
    kubectl(sandbox, "patch", "tradaienv", NAME, "-n", "tradai", "--type=merge", "-p", released)
    kubectl(sandbox, "delete", "tradaienv", NAME, "-n", "tradai", "--ignore-not-found")


def found(sandbox: RunningSandbox) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(kubectl(sandbox, "get", "tradaienv", NAME, "-n", "tradai", "-o", "json"))
    return answer


async def test_a_status_is_replaced_as_a_whole(sandbox: RunningSandbox, cluster: KubeCluster, ref: Ref) -> None:
    await cluster.write_status(ref, {"phase": "Building", "message": "first"})
    await cluster.write_status(ref, {"phase": "Ready"})
    assert found(sandbox)["status"] == {"phase": "Ready"}


async def test_a_status_never_lands_on_another_object_of_the_same_name(cluster: KubeCluster, ref: Ref) -> None:
    with pytest.raises(ConflictError):
        await cluster.write_status(Ref(ref.namespace, ref.name, "another-uid"), {"phase": "Ready"})


async def test_what_a_write_answers_is_what_the_server_has(
    sandbox: RunningSandbox, cluster: KubeCluster, ref: Ref
) -> None:
    status = {
        "phase": "Ready",
        "outputs": {"edge": {"n": 1.0, "nothing": None, "text": "ü", "list": [1, {"a": False}]}},
    }
    answered = stored(await cluster.write_status(ref, status))
    assert answered.version
    assert answered == stored(found(sandbox))
    listed = next(body for body in await cluster.environments() if body["metadata"]["uid"] == ref.uid)
    assert answered == stored(listed)
    kubectl(sandbox, "annotate", "tradaienv", NAME, "-n", "tradai", "example.com/a=b")
    later = stored(found(sandbox))
    assert (later.status, later.version > answered.version) == (answered.status, True)


async def test_a_term_never_falls_and_is_no_hindrance_to_who_writes_none(cluster: KubeCluster, ref: Ref) -> None:
    await cluster.write_status(ref, {"phase": "Building", "term": 7})
    await cluster.write_status(ref, {"phase": "Ready", "term": 7})
    with pytest.raises(RefusedError, match="a later leader of the operator has written this status already"):
        await cluster.write_status(ref, {"phase": "Building", "term": 6})
    await cluster.write_status(ref, {"phase": "Ready", "term": 8})
    await cluster.write_status(ref, {"phase": "Ready"})
    await cluster.write_status(ref, {"phase": "Ready", "term": 1})


async def test_a_deletion_takes_that_very_object(sandbox: RunningSandbox, cluster: KubeCluster, ref: Ref) -> None:
    await cluster.write_finalizers(ref, [], [keys.FINALIZER])
    with pytest.raises(ConflictError):
        await cluster.delete(Ref(ref.namespace, ref.name, "another-uid"))
    assert "deletionTimestamp" not in found(sandbox)["metadata"]
    await cluster.delete(ref)
    assert found(sandbox)["metadata"]["deletionTimestamp"]
    await cluster.delete(Ref(ref.namespace, "never-was", "a-uid"))


async def test_finalizers_are_put_on_only_where_there_are_none_still(
    sandbox: RunningSandbox, cluster: KubeCluster, ref: Ref
) -> None:
    theirs = json.dumps({"metadata": {"finalizers": ["example.com/theirs"]}})
    kubectl(sandbox, "patch", "tradaienv", NAME, "-n", "tradai", "--type=merge", "-p", theirs)
    with pytest.raises(ConflictError):
        await cluster.write_finalizers(ref, [], [keys.FINALIZER])
    assert found(sandbox)["metadata"]["finalizers"] == ["example.com/theirs"]


async def test_finalizers_are_replaced_only_if_nobody_else_changed_them(
    sandbox: RunningSandbox, cluster: KubeCluster, ref: Ref
) -> None:
    await cluster.write_finalizers(ref, [], [keys.FINALIZER])
    assert found(sandbox)["metadata"]["finalizers"] == [keys.FINALIZER]
    with pytest.raises(ConflictError):
        await cluster.write_finalizers(ref, ["example.com/other"], [])


async def test_who_asks_for_a_secret_at_the_same_time_shares_one_answer_until_it_changes(
    sandbox: RunningSandbox,
) -> None:
    client = AsyncClient(config=KubeConfig.from_file(sandbox.layout.kubeconfig("operator")))
    cluster, ask, asked = KubeCluster(client), client.get, []

    def counted(*words: Any, **options: Any) -> Any:
        asked.append(words)
        return ask(*words, **options)

    client.get = counted  # type: ignore[method-assign]
    first = [asyncio.create_task(cluster.secret("tradai", "tradai-state")) for _ in range(20)]
    await asyncio.sleep(0)
    cluster.secret_changed("tradai", "tradai-state")
    second = [asyncio.create_task(cluster.secret("tradai", "tradai-state")) for _ in range(20)]
    answers = await asyncio.gather(*first, *second)
    assert len(asked) == 2
    assert all(answer == answers[0] and answer for answer in answers)
    await cluster.secret("tradai", "tradai-state")
    assert len(asked) == 3
    await cluster.close()


async def test_a_secret_is_created_replaced_read_and_owned(
    sandbox: RunningSandbox, cluster: KubeCluster, ref: Ref
) -> None:
    await cluster.write_secret("tradai", f"{NAME}-outputs", {"a": "1", "b": "2"}, ref)
    await cluster.write_secret("tradai", f"{NAME}-outputs", {"a": "3"}, ref)
    assert await cluster.secret("tradai", f"{NAME}-outputs") == {"a": "3"}
    owners = kubectl(
        sandbox, "get", "secret", f"{NAME}-outputs", "-n", "tradai", "-o", "jsonpath={.metadata.ownerReferences[0].uid}"
    )
    assert owners == ref.uid
    assert await cluster.secret("tradai", "no-such-secret") is None


async def test_a_secret_of_that_name_that_somebody_else_made_is_not_ours(
    sandbox: RunningSandbox, cluster: KubeCluster, ref: Ref
) -> None:
    name = f"{NAME}-foreign"
    assert await cluster.own_secret("tradai", name, ref) is None
    kubectl(sandbox, "create", "secret", "generic", name, "-n", "tradai", "--from-literal=mine=x")
    with pytest.raises(ForeignError):
        await cluster.own_secret("tradai", name, ref)
    kubectl(sandbox, "delete", "secret", name, "-n", "tradai")
    await cluster.write_secret("tradai", name, {"a": "1"}, ref)
    assert await cluster.own_secret("tradai", name, ref) == {"a": "1"}


async def test_records_and_capsules_live_in_the_operators_namespace_and_nowhere_else(cluster: KubeCluster) -> None:
    await cluster.write_record("tradai-system", "tradai-survivors-test", {"layers": "persistent"})
    await cluster.write_secret("tradai-system", "tradai-capsule-test", {"passphrase": "x"}, None)
    await cluster.delete_secret("tradai-system", "tradai-capsule-test")
    await cluster.delete_secret("tradai-system", "tradai-capsule-test")
    assert await cluster.secret("tradai-system", "tradai-capsule-test") is None
    with pytest.raises(ClusterError, match="forbidden"):
        await cluster.write_record("default", "elsewhere", {})
    with pytest.raises(ClusterError, match="forbidden"):
        await cluster.delete_secret("tradai", "tradai-state")


async def test_an_event_is_seen_beside_the_object(sandbox: RunningSandbox, cluster: KubeCluster, ref: Ref) -> None:
    await cluster.emit(ref, EventText("Normal", "LayerReady", "persistent is ready"))
    assert "persistent is ready" in kubectl(sandbox, "describe", "tradaienv", NAME, "-n", "tradai")


async def test_all_environments_are_listed_with_their_specs(cluster: KubeCluster, ref: Ref) -> None:
    bodies = await cluster.environments()
    mine = next(item for item in bodies if item["metadata"]["uid"] == ref.uid)
    assert mine["spec"]["environment"] == "eph-adapter"


async def test_an_api_server_that_does_not_answer_is_an_error_with_a_sentence() -> None:
    config = KubeConfig.from_dict(
        {
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        }
    )
    cluster = KubeCluster(AsyncClient(config=config))
    with pytest.raises(ClusterError, match="could not list environments"):
        await cluster.environments()
    await cluster.close()
