"""What the API server refuses and what the adapter makes of it: conflicts of the moment, and refusals that stay."""

import json
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.fakes.bodies import body
from tests.integration.conftest import RunningSandbox
from tests.integration.test_kube_cluster import kubectl
from tradai_operator.adapters.kubernetes.cluster import KubeCluster
from tradai_operator.model import admission, keys
from tradai_operator.ports import ClusterError, ConflictError, Ref, RefusedError

NAME = "refused"
_PATIENCE_SECONDS = 30.0


@pytest.fixture
def ref(sandbox: RunningSandbox) -> Iterator[Ref]:
    manifest = body(NAME, environment="eph-refused")
    manifest["metadata"] = {"name": NAME, "namespace": "tradai"}
    kubectl(sandbox, "apply", "-f", "-", stdin=json.dumps(manifest))
    uid = kubectl(sandbox, "get", "tradaienv", NAME, "-n", "tradai", "-o", "jsonpath={.metadata.uid}")
    yield Ref("tradai", NAME, uid)
    kubectl(sandbox, "patch", "tradaienv", NAME, "-n", "tradai", "--type=merge", "-p", '{"metadata":{"finalizers":[]}}')
    kubectl(sandbox, "delete", "tradaienv", NAME, "-n", "tradai")


@pytest.fixture
def no_parameter(sandbox: RunningSandbox, ref: Ref) -> Iterator[None]:
    """The ConfigMap of the admission policy is gone, and is back afterwards."""
    where = ("-n", admission.PARAMETER_NAMESPACE)
    kubectl(sandbox, "delete", "configmap", admission.PARAMETER, *where)
    try:
        yield
    finally:
        kubectl(sandbox, "apply", "-f", str(admission.FILE))
        eventually_writable(sandbox)


def eventually_writable(sandbox: RunningSandbox) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            kubectl(sandbox, "annotate", "tradaienv", NAME, "-n", "tradai", "example.com/probe=1", "--overwrite")
            return
        except subprocess.CalledProcessError:
            assert time.monotonic() < deadline


async def refusal(cluster: KubeCluster, ref: Ref) -> ClusterError:
    """What hinders the finalizer, once the policy has noticed that its parameter is gone."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    names: list[str] = []
    while time.monotonic() < deadline:
        after = [] if names else [keys.FINALIZER]
        try:
            await cluster.write_finalizers(ref, names, after)
        except ClusterError as error:
            return error
        names = after
    raise AssertionError("the API server goes on without the parameter")


@pytest.mark.usefixtures("no_parameter")
async def test_a_missing_parameter_is_a_refusal_that_says_what_to_apply(cluster: KubeCluster, ref: Ref) -> None:
    error = await refusal(cluster, ref)
    assert isinstance(error, RefusedError)
    assert "the ConfigMap tradai-system/tradai-approvers is missing" in str(error)
    assert "apply crds/tradai.io_admission.yaml" in str(error)
    await cluster.write_status(ref, {"phase": "Blocked", "message": str(error)})


async def test_a_status_that_the_crd_does_not_take_is_a_refusal(cluster: KubeCluster, ref: Ref) -> None:
    with pytest.raises(RefusedError, match="Unsupported value"):
        await cluster.write_status(ref, {"phase": "Nonsense"})


async def test_a_right_that_the_operator_has_not_is_a_refusal(cluster: KubeCluster) -> None:
    with pytest.raises(RefusedError, match="forbidden"):
        await cluster.write_record("default", "elsewhere", {})


async def test_another_object_of_the_name_and_one_that_is_gone_are_conflicts(cluster: KubeCluster, ref: Ref) -> None:
    for other in (Ref(ref.namespace, ref.name, "another-uid"), Ref(ref.namespace, "no-such", ref.uid)):
        with pytest.raises(ConflictError):
            await cluster.write_status(other, {"phase": "Ready"})
