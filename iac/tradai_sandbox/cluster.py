"""Prepares the API server as a person would prepare a cluster: definitions, namespaces, rights, Secrets.

Must never grant the operator anything that is not in the file which the chart applies too.
"""

import http
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from lightkube import ApiError, Client, KubeConfig
from lightkube.codecs import AnyResource, load_all_yaml
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.core_v1 import Namespace, Secret, ServiceAccount, ServiceAccountToken
from lightkube.types import PatchType

from tradai_sandbox import kubeconfig, processes, retrying
from tradai_sandbox.credentials import Credentials
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import CRDS, OPERATOR_RBAC
from tradai_sandbox.services.service import Context
from tradai_sandbox.variables import NAMESPACE, OPERATOR_NAMESPACE

_FIELD_MANAGER = "tradai-sandbox"
_OPERATOR_ACCOUNT = "tradai-operator"
_TOKEN_SECONDS = 365 * 24 * 3600
_SERVED_SECONDS = 60.0

_ENVIRONMENT = create_namespaced_resource("tradai.io", "v1alpha1", "TradaiEnvironment", "tradaienvironments")


def write_kubeconfigs(context: Context) -> None:
    """The files of the two users that the API server knows by token."""
    for user, token in (
        ("admin", context.credentials.admin_token),
        ("controller-manager", context.credentials.controller_manager_token),
    ):
        _write_kubeconfig(context, user, token, NAMESPACE)


def prepare(context: Context) -> None:
    """Definitions, namespaces, rights, missing Secrets, the operator's kubeconfig; doing it twice changes nothing."""
    with _client(context) as client:
        _apply(client, [Namespace(metadata=ObjectMeta(name=name)) for name in (NAMESPACE, OPERATOR_NAMESPACE)])
        definitions = _manifests(*sorted(CRDS.glob("*.yaml")))
        _apply(client, definitions)
        account = ServiceAccount(metadata=ObjectMeta(name=_OPERATOR_ACCOUNT, namespace=OPERATOR_NAMESPACE))
        _apply(client, [account, *_manifests(OPERATOR_RBAC)])
        _create_missing(client, _secrets(context.credentials))
        _write_kubeconfig(context, "operator", _token(client), OPERATOR_NAMESPACE)
        for definition in definitions:
            if isinstance(definition, CustomResourceDefinition) and definition.metadata:
                client.wait(CustomResourceDefinition, str(definition.metadata.name), for_conditions=["Established"])
        if not processes.wait(lambda: _served(client), _SERVED_SECONDS):
            raise SandboxError(
                "kube-apiserver does not serve environments; `tradai sandbox logs kube-apiserver` shows why"
            )


def forget_environments(context: Context) -> list[str]:
    """Empty the status of every environment, so that each starts afresh; gives their names.

    Only for when AWS itself has gone: the status describes what is no longer there.
    """
    with _client(context) as client:
        found = [environment.metadata for environment in client.list(_ENVIRONMENT, namespace="*")]
        known = [(str(metadata.namespace), str(metadata.name)) for metadata in found if metadata]
        for namespace, name in known:
            empty = {"status": None}
            client.patch(_ENVIRONMENT.Status, name, empty, namespace=namespace, patch_type=PatchType.MERGE)
    return [f"{namespace}/{name}" for namespace, name in known]


@contextmanager
def _client(context: Context) -> Iterator[Client]:
    """A client of the administrator, patient while the server starts. Raises SandboxError for what it refuses then."""
    config = KubeConfig.from_file(context.layout.kubeconfig("admin"))
    connections = retrying.transport(context.layout.certificates / "ca.crt")
    try:
        with Client(config=config, field_manager=_FIELD_MANAGER, trust_env=False, transport=connections) as client:
            yield client
    except (ApiError, httpx2.HTTPError) as error:
        raise SandboxError(
            f"kube-apiserver refused: {error}; `tradai sandbox logs kube-apiserver` shows why"
        ) from error


def _served(client: Client) -> bool:
    """Whether environments can be read: a definition is established a moment before that."""
    try:
        list(client.list(_ENVIRONMENT, namespace="*"))
    except ApiError as error:
        if error.status.code != http.HTTPStatus.NOT_FOUND:
            raise
        return False
    return True


def _apply(client: Client, objects: Iterable[Any]) -> None:
    for wanted in objects:
        client.apply(wanted, force=True)


def _create_missing(client: Client, secrets: Iterable[Secret]) -> None:
    """A Secret that a person has changed meanwhile stays as it is."""
    for secret in secrets:
        try:
            client.create(secret)
        except ApiError as error:
            if error.status.code != http.HTTPStatus.CONFLICT:
                raise


def _manifests(*paths: Path) -> list[AnyResource]:
    return [document for path in paths for document in load_all_yaml(path.read_text())]


def _secrets(credentials: Credentials) -> list[Secret]:
    values = {
        "tradai-state": {"passphrase": credentials.passphrase},
        "tradai-secrets": credentials.environment_secrets,
    }
    return [
        Secret(metadata=ObjectMeta(name=name, namespace=NAMESPACE), stringData=data) for name, data in values.items()
    ]


def _token(client: Client) -> str:
    spec = TokenRequestSpec(audiences=[], expirationSeconds=_TOKEN_SECONDS)
    request = ServiceAccountToken(spec=spec, metadata=ObjectMeta())
    answer = client.create(request, _OPERATOR_ACCOUNT, namespace=OPERATOR_NAMESPACE)
    if not answer.status or not answer.status.token:
        raise SandboxError("the API server gave the operator no token")
    return answer.status.token


def _write_kubeconfig(context: Context, user: str, token: str, namespace: str) -> None:
    kubeconfig.write(
        context.layout.kubeconfig(user),
        context.ports["kube-apiserver"],
        context.layout.certificates / "ca.crt",
        user,
        token,
        namespace,
    )
