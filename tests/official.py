"""What an API server has, by the official Python client: a second pair of eyes, apart from the operator's.

Its models are generated from the API's own description and check what they read. Must never be told by the operator,
nor be read with rights that the person does not have whom it stands for.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, TypeVar

import urllib3
from kubernetes import client, config

from tradai_operator.model import keys

#: An API server says that it is ready before it can serve every kind; 0 is no answer at all.
_NOT_YET: Final = {0, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_PATIENCE_SECONDS: Final = 120.0
_PAUSE_SECONDS: Final = 0.2
_REQUEST_SECONDS: Final = 30
MERGE: Final = "application/merge-patch+json"
_KIND: Final[dict[str, Any]] = {"group": keys.GROUP, "version": keys.VERSION, "plural": keys.PLURAL}
_T = TypeVar("_T")
_CONFIG: Final[Any] = config  # this part of the client has no types


def connection(kubeconfig: Path, user: str = "") -> Any:
    """An ApiClient of a kubeconfig's user, or in somebody's name; it repeats nothing by itself and heeds no proxy."""
    settings = client.Configuration()
    settings.proxy, settings.retries = None, 0
    made: Any = _CONFIG.new_client_from_config(str(kubeconfig), persist_config=False, client_configuration=settings)
    if user:
        made.set_default_header("Impersonate-User", user)
    return made


@dataclass(frozen=True)
class Told:
    """One event about an object."""

    type: str
    reason: str
    message: str
    by: str


@dataclass(frozen=True)
class Refusal:
    """Why the API server did not do as asked."""

    code: int
    message: str


class Official:
    """One API server in somebody's eyes; what is not there is None, and a server that still starts is waited for."""

    def __init__(self, kubeconfig: Path, user: str = "") -> None:
        self._api: Any = connection(kubeconfig, user)
        self._core = client.CoreV1Api(self._api)
        self._custom = client.CustomObjectsApi(self._api)

    def close(self) -> None:
        """Ends the connections."""
        self._api.close()

    def environment(self, name: str, namespace: str = "tradai") -> dict[str, Any] | None:
        """The whole resource."""
        read: Any = self._custom.get_namespaced_custom_object
        found: dict[str, Any] | None = _there(lambda: read(**_KIND, namespace=namespace, name=name, **_IN_TIME))
        return found

    def secret(self, name: str, namespace: str = "tradai") -> dict[str, str] | None:
        """The decoded values of a Secret."""
        found = _there(lambda: self._core.read_namespaced_secret(name, namespace, **_IN_TIME))
        return None if found is None else _decoded(found)

    def secrets(self, namespace: str = "tradai") -> dict[str, dict[str, str]]:
        """The decoded values of all Secrets there, by name."""
        found = _asked(lambda: self._core.list_namespaced_secret(namespace, **_IN_TIME))
        return {_name(each): _decoded(each) for each in found.items}

    def records(self, namespace: str = "tradai-system") -> dict[str, dict[str, str]]:
        """The ConfigMaps there, by name."""
        found = _asked(lambda: self._core.list_namespaced_config_map(namespace, **_IN_TIME))
        return {_name(each): dict(each.data or {}) for each in found.items}

    def events(self, name: str, namespace: str = "tradai") -> list[Told]:
        """What was told about an environment."""
        about = f"involvedObject.kind={keys.KIND},involvedObject.name={name}"
        found = _asked(lambda: self._core.list_namespaced_event(namespace, field_selector=about, **_IN_TIME))
        return [_told(each) for each in found.items]

    def lease(self, name: str = "tradai-operator", namespace: str = "tradai-system") -> client.V1LeaseSpec | None:
        """Who leads, and since when."""
        leases = client.CoordinationV1Api(self._api)
        found = _there(lambda: leases.read_namespaced_lease(name, namespace, **_IN_TIME))
        return found.spec if found else None

    def definition(self) -> client.V1CustomResourceDefinition | None:
        """The definition of environments as it is served."""
        definitions = client.ApiextensionsV1Api(self._api)
        name = f"{keys.PLURAL}.{keys.GROUP}"
        return _there(lambda: definitions.read_custom_resource_definition(name, **_IN_TIME))

    def policies(self) -> dict[str, client.V1ValidatingAdmissionPolicy]:
        """The admission policies, by name."""
        admission = client.AdmissionregistrationV1Api(self._api)
        found = _asked(lambda: admission.list_validating_admission_policy(**_IN_TIME))
        return {_name(each): each for each in found.items}

    def may(self, verb: str, name: str, namespace: str) -> bool:
        """Whether the API server says that whoever looks may do that with an environment."""
        about = {"group": keys.GROUP, "resource": keys.PLURAL, "verb": verb, "name": name, "namespace": namespace}
        review = client.V1SelfSubjectAccessReview(
            spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=client.V1ResourceAttributes(**about))
        )
        authorization = client.AuthorizationV1Api(self._api)
        answer = _asked(lambda: authorization.create_self_subject_access_review(review, **_IN_TIME))
        return bool(answer.status and answer.status.allowed)

    def create(self, manifest: Mapping[str, Any], namespace: str, *, dry: bool = False) -> Refusal | None:
        """Makes an environment; what speaks against it, if anything does."""
        write: Any = self._custom.create_namespaced_custom_object
        how = _how(dry)
        return _refused(lambda: write(**_KIND, namespace=namespace, body=dict(manifest), **how))

    def patch(self, name: str, patch: Mapping[str, Any], namespace: str, *, dry: bool = False) -> Refusal | None:
        """A merge patch of an environment; what speaks against it, if anything does."""
        write: Any = self._custom.patch_namespaced_custom_object
        how = _how(dry) | {"_content_type": MERGE}
        return _refused(lambda: write(**_KIND, namespace=namespace, name=name, body=dict(patch), **how))


_IN_TIME: Final[dict[str, Any]] = {"_request_timeout": _REQUEST_SECONDS}


def _how(dry: bool) -> dict[str, Any]:
    return _IN_TIME | ({"dry_run": "All"} if dry else {})


def _asked(ask: Callable[[], _T]) -> _T:
    """The first answer of a server that is able to give one; raises ApiException, and HTTPError after a while."""
    deadline = monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except client.ApiException as error:
            if error.status not in _NOT_YET or monotonic() > deadline:
                raise
        except urllib3.exceptions.HTTPError:
            if monotonic() > deadline:
                raise
        sleep(_PAUSE_SECONDS)


def _there(ask: Callable[[], _T]) -> _T | None:
    try:
        return _asked(ask)
    except client.ApiException as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise


def _refused(ask: Callable[[], Any]) -> Refusal | None:
    try:
        _asked(ask)
    except client.ApiException as error:
        return Refusal(error.status, json.loads(error.body or "{}").get("message", ""))
    return None


def _decoded(secret: client.V1Secret) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in (secret.data or {}).items()}


def _name(found: Any) -> str:
    name: str = found.metadata.name
    return name


def _told(event: client.CoreV1Event) -> Told:
    by = event.source.component if event.source else ""
    return Told(event.type or "", event.reason or "", event.message or "", by or "")
