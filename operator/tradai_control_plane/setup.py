"""What the operator needs before it starts: namespace, service account, admission policy, rights.

Applied on the server's side, so that doing it twice changes nothing. Must never touch the definition: the operator
keeps that, and a start of an older image here would lower it.
"""

import http.client
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tradai_control_plane.base import StepError
from tradai_control_plane.files import NAMESPACE

_HOST, _PORT = "127.0.0.1", 6443
_SECONDS: Final = 30.0
_MANAGER: Final = "tradai-setup"
#: Kind → what it is called in a path.
_PLURALS: Final = {
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "ConfigMap": "configmaps",
    "Namespace": "namespaces",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "ServiceAccount": "serviceaccounts",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}
_FIRST: Final = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "tradai-operator", "namespace": NAMESPACE}},
)

Manifest = dict[str, Any]


def manifests(folder: Path) -> Iterator[Manifest]:
    """What is applied, in order; raises StepError for a folder that has nothing."""
    found = sorted(folder.glob("*.yaml"))
    if not found:
        raise StepError(f"{folder} has no manifests: the image is not whole")
    yield from _FIRST
    for path in found:
        yield from (each for each in yaml.safe_load_all(path.read_text()) if each)


def path_of(manifest: Manifest) -> str:
    """Where the API server has it; raises StepError for a kind that nobody here knows."""
    kind, version, metadata = manifest["kind"], manifest["apiVersion"], manifest["metadata"]
    if kind not in _PLURALS:
        raise StepError(f"{kind} {metadata['name']} is of no kind that the setup applies: {', '.join(_PLURALS)}")
    group = f"/apis/{version}" if "/" in version else f"/api/{version}"
    within = f"/namespaces/{metadata['namespace']}" if metadata.get("namespace") else ""
    return f"{group}{within}/{_PLURALS[kind]}/{metadata['name']}"


def setup(folder: Path, files: Path) -> list[str]:
    """Applies all of it; gives what was done. Raises StepError for what the API server refuses."""
    context = ssl.create_default_context(cafile=str(files / "authorities.crt"))
    context.load_cert_chain(files / "setup.crt", files / "setup.key")
    connection = http.client.HTTPSConnection(_HOST, _PORT, timeout=_SECONDS, context=context)
    try:
        return [_apply(connection, each) for each in manifests(folder)]
    finally:
        connection.close()


def _apply(connection: http.client.HTTPSConnection, manifest: Manifest) -> str:
    path = path_of(manifest)
    query, head = f"fieldManager={_MANAGER}&force=true", {"Content-Type": "application/apply-patch+yaml"}
    connection.request("PATCH", f"{path}?{query}", json.dumps(manifest), head)
    answer = connection.getresponse()
    status, body = answer.status, _said(answer.read())
    if status not in {http.client.OK, http.client.CREATED}:
        raise StepError(f"the API server refuses {path}: {status} {body}")
    return f"{manifest['kind']} {manifest['metadata']['name']} {'made' if status == http.client.CREATED else 'kept'}"


def _said(body: bytes) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return body.decode(errors="replace")[:500]
    return str(found.get("message", ""))[:500] if isinstance(found, dict) else ""
