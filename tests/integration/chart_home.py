"""A cluster that the chart finds: a sandbox without anything of ours, the controllers of deployments, a kubelet.

Must never have what the chart is to bring.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.environment import Deployed
from tests.e2e.operators import without_operator
from tests.standins.controllers import controllers
from tests.standins.helm import Helm
from tests.standins.kubelet import Kubelet
from tradai_operator.model import keys
from tradai_sandbox import credentials
from tradai_sandbox.layout import CRDS, OPERATOR_RBAC
from tradai_sandbox.services import Context, apiserver
from tradai_sandbox.starter import Starter
from tradai_sandbox.state import load

NAMESPACE = "tradai-system"
RELEASE = "tradai-operator"


@dataclass(frozen=True)
class Home:
    """The cluster, a person's helm, and the machine that pods run on."""

    sandbox: Deployed
    helm: Helm
    node: Kubelet
    namespace: str = NAMESPACE

    def values(self, **more: Any) -> Path:
        """Values for a cluster whose AWS is the sandbox's."""
        aws = {"endpointUrl": self.sandbox.env["AWS_ENDPOINT_URL"], "region": self.sandbox.env["AWS_DEFAULT_REGION"]}
        return self.helm.values({"aws": aws, "image": {"repository": "registry.example/tradai-operator"}} | more)

    def listed(self, kind: str, *words: str) -> list[dict[str, Any]]:
        """The objects of a kind in the operator's namespace."""
        found: list[dict[str, Any]] = json.loads(
            self.sandbox.kubectl("get", kind, "-n", self.namespace, "-o", "json", *words)
        )["items"]
        return found

    def definition(self) -> Mapping[str, Any]:
        """The definition that is served."""
        found: dict[str, Any] = json.loads(self.sandbox.kubectl("get", "crd", keys.CRD_NAME, "-o", "json"))
        return found

    def logs(self) -> str:
        """What every container said, for whoever looks at a failure."""
        return "\n".join(
            f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.node.folder.glob("*.out"))
        )


@contextmanager
def home(root: Path, namespace: str = NAMESPACE) -> Iterator[Home]:
    """One of its own in `root`, for a release in `namespace`, which takes restricted pods alone."""
    with without_operator(root / "sandbox") as sandbox:
        _emptied(sandbox)
        if namespace != NAMESPACE:
            sandbox.kubectl("create", "namespace", namespace)
        sandbox.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
        admin = sandbox.layout.kubeconfig("admin")
        given = ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        machine = {name: sandbox.env[name] for name in given} | {"LANG": "C.UTF-8"}
        with controllers(sandbox.layout), Kubelet(admin, namespace, root / "node", machine) as node:
            yield Home(sandbox, Helm(root / "helm", admin), node, namespace)


def _emptied(sandbox: Deployed) -> None:
    """Takes away what a sandbox prepares for an operator.

    An API server that once had no binding of a policy whose parameter is a ConfigMap finds no parameter until it is
    started anew (kubernetes/kubernetes#130887).
    """
    sandbox.kubectl("delete", "--ignore-not-found", "-f", str(CRDS), "-f", str(OPERATOR_RBAC))
    sandbox.kubectl("delete", "serviceaccount", "tradai-operator", "-n", NAMESPACE)
    state = load(sandbox.layout.state)
    assert state
    starter = Starter(sandbox.layout, state)
    context = Context(sandbox.layout, state.ports, credentials.ensure(sandbox.layout.credentials))
    starter.start([apiserver.SERVICE], context)
    starter.await_ready([apiserver.SERVICE], context)
