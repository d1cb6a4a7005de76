"""Environments as several users of one API server see them: plain requests, each in somebody's name.

The API server itself decides about names (impersonation by the administrator). Must never judge an answer.
"""

import json
import ssl
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.fakes.bodies import body
from tradai_operator.model import keys

RBAC = Path(__file__).parents[2] / "crds" / "examples" / "rbac.yaml"
ADMIN = "admin"
OPERATOR = "system:serviceaccount:tradai-system:tradai-operator"
_PATIENCE_SECONDS = 30.0
_FORMS = {"merge": "application/merge-patch+json", "apply": "application/apply-patch+yaml"}
#: Where each kind is that a test applies beside environments.
_PLACES = {
    "ConfigMap": "/api/v1/namespaces/{namespace}/configmaps",
    "Namespace": "/api/v1/namespaces",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings",
    "ServiceAccount": "/api/v1/namespaces/{namespace}/serviceaccounts",
    "ValidatingAdmissionPolicy": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
}


@dataclass(frozen=True)
class Answer:
    """What the API server said: HTTP code, message, and the object where there is one."""

    code: int
    message: str
    object: Mapping[str, Any] = field(default_factory=dict)

    @property
    def allowed(self) -> bool:
        """Whether it did as asked."""
        return self.code < 300


@dataclass(frozen=True)
class Api:
    """The API server, environments of one namespace (and of `group`, where a copy of the definition has another)."""

    client: httpx2.Client
    namespace: str
    group: str = keys.GROUP

    def create(self, manifest: Mapping[str, Any], user: str = ADMIN, *, dry: bool = False) -> Answer:
        """POST of a whole environment."""
        return self.send("POST", self._environments(), user, dict(manifest), dry=dry)

    def patch(self, name: str, patch: Mapping[str, Any], user: str = ADMIN, **how: Any) -> Answer:
        """A merge patch, or with `form="apply"` a server-side apply; `part` is a subresource; `dry` changes nothing."""
        path = "/".join(filter(None, (self._environments(), name, how.pop("part", ""))))
        return self.send("PATCH", path, user, dict(patch), **how)

    def get(self, name: str) -> Mapping[str, Any]:
        """The environment as it stands."""
        return self.send("GET", f"{self._environments()}/{name}", ADMIN).object

    def apply(self, manifest: Mapping[str, Any]) -> None:
        """Server-side apply of anything, as administrator."""
        metadata = manifest["metadata"]
        place = _PLACES[manifest["kind"]].format(namespace=metadata.get("namespace"))
        answer = self.send("PATCH", f"{place}/{metadata['name']}", ADMIN, dict(manifest), form="apply")
        assert answer.allowed, answer.message

    def delete(self, manifest: Mapping[str, Any]) -> None:
        """Removes what `apply` made."""
        metadata = manifest["metadata"]
        place = _PLACES[manifest["kind"]].format(namespace=metadata.get("namespace"))
        self.send("DELETE", f"{place}/{metadata['name']}", ADMIN)

    def send(
        self, method: str, path: str, user: str, content: Any = None, *, form: str = "merge", dry: bool = False
    ) -> Answer:
        """One request in the name of `user`."""
        parameters = {"fieldManager": "tests"} if method != "GET" else {}
        parameters |= {"dryRun": "All"} if dry else {}
        parameters |= {"force": "true"} if form == "apply" else {}
        answer = self.client.request(
            method,
            path,
            params=parameters,
            content=json.dumps(content) if content is not None else None,
            headers={
                "Content-Type": _FORMS[form] if method == "PATCH" else "application/json",
                **({} if user == ADMIN else {"Impersonate-User": user}),
            },
        )
        if "json" not in answer.headers.get("content-type", ""):  # a path that is not served yet is told as text
            return Answer(answer.status_code, answer.text, {})
        found = answer.json()
        return Answer(answer.status_code, found.get("message", ""), found)

    def _environments(self) -> str:
        return f"/apis/{self.group}/{keys.VERSION}/namespaces/{self.namespace}/{keys.PLURAL}"


@contextmanager
def connected(kubeconfig: Path, namespace: str, token: str | None = None) -> Iterator[Api]:
    """An `Api` with the kubeconfig's user, or with the bearer of `token`."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    context = ssl.create_default_context(cadata=b64decode(cluster["certificate-authority-data"]).decode())
    headers = {"Authorization": f"Bearer {token or user['token']}"}
    with httpx2.Client(
        base_url=cluster["server"], verify=context, headers=headers, timeout=30.0, trust_env=False
    ) as client:
        yield Api(client, namespace)


@contextmanager
def own_namespace(kubeconfig: Path, namespace: str, *prepare: Callable[[Api], None]) -> Iterator[Api]:
    """An `Api` in a new namespace, which is prepared before anybody tries anything and deleted afterwards."""
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    with connected(kubeconfig, namespace) as api:
        api.apply(place)
        for step in prepare:
            step(api)
        yield api
        api.delete(place)


def manifest(api: Api, name: str, annotations: Mapping[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """A small environment; None takes a field of the spec out."""
    whole = body(name, **({"deletionPolicy": "Soft", "approval": None} | spec))
    whole["apiVersion"] = f"{api.group}/{keys.VERSION}"
    whole["metadata"] = {"name": name, "namespace": api.namespace, "annotations": dict(annotations or {})}
    whole["spec"] = {key: value for key, value in whole["spec"].items() if value is not None}
    return whole


def binding(api: Api, name: str, role: str, user: str, kind: str = "ClusterRole") -> dict[str, Any]:
    """Gives a role to a user (or service account, by its user name) in the namespace."""
    rbac = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{rbac}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": api.namespace},
        "roleRef": {"apiGroup": rbac, "kind": kind, "name": role},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": user}],
    }


def role(api: Api, name: str, group: str, resources: list[str], verbs: list[str], *names: str) -> dict[str, Any]:
    """A role of the namespace; `names` limits it to those objects."""
    rule: dict[str, Any] = {"apiGroups": [group], "resources": resources, "verbs": verbs}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name, "namespace": api.namespace},
        "rules": [rule | ({"resourceNames": list(names)} if names else {})],
    }


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Asks again until the API server has taken notice of a policy, a parameter or a right."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"not within {_PATIENCE_SECONDS} s: {what}"
        time.sleep(0.05)
