"""ArgoCD as people have it: Applications on the API server, and its own API as its page uses it.

Must never act as ArgoCD: what its servers do, they do by themselves.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import yaml
from kubernetes import client

from tests.e2e.environment import Deployed
from tests.gitops.servers import NAMESPACE
from tests.official import connection
from tradai_sandbox.ports import HOST

SERVER_ACCOUNT: Final = f"system:serviceaccount:{NAMESPACE}:argocd-server"


@dataclass
class ArgoCD:
    """One ArgoCD beside one sandbox; its server answers on that port."""

    deployed: Deployed
    port: int
    _token: str = ""

    def close(self) -> None:
        """Ends the connection to the sandbox."""
        if "_api" in self.__dict__:
            self._api.api_client.close()

    def application(self, name: str) -> dict[str, Any] | None:
        """The Application as the API server has it, None where it is gone."""
        read: Any = self._api.get_namespaced_custom_object
        try:
            found: dict[str, Any] = read("argoproj.io", "v1alpha1", NAMESPACE, "applications", name)
        except client.ApiException as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        return found

    @cached_property
    def _api(self) -> client.CustomObjectsApi:
        """As the administrator, by one connection."""
        return client.CustomObjectsApi(connection(Path(self.deployed.env["KUBECONFIG"])))

    def apply(self, *documents: Mapping[str, Any]) -> None:
        """`kubectl apply -f -`."""
        self.deployed.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(documents))

    def annotate(self, name: str, key: str, value: str) -> None:
        """An annotation of an Application."""
        self.deployed.kubectl("annotate", "application", name, "-n", NAMESPACE, f"{key}={value}", "--overwrite")

    def refresh(self, name: str) -> None:
        """As a webhook of the Git host does after a commit."""
        self.annotate(name, "argocd.argoproj.io/refresh", "normal")

    def until(self, what: str, name: str, condition: Callable[[dict[str, Any]], Any], patience: float = 400) -> Any:
        """Waits until the Application fulfils a condition, and gives what that gave."""
        seen: dict[str, Any] = {}

        def looked() -> Any:
            seen.clear()
            seen.update(self.application(name) or {})
            return condition(seen)

        try:
            return self.deployed.until(what, looked, patience)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{name}: {json.dumps(_short(seen), indent=1)}") from error

    def settled(self, name: str, health: str, revision: str, patience: float = 400) -> dict[str, Any]:
        """Waits until the Application is Synced to that commit and of that health."""

        def there(app: dict[str, Any]) -> Any:
            return (sync_of(app), health_of(app), revision_of(app)) == ("Synced", health, revision) and app

        found: dict[str, Any] = self.until(f"{name} to be Synced and {health}", name, there, patience)
        return found

    def act(self, name: str, resource: str, action: str, user: str = "admin") -> None:
        """Runs an action by ArgoCD's API, as its page does. Raises HTTPError."""
        where = f"namespace=tradai&resourceName={resource}&version=v1alpha1&group=tradai.io&kind=TradaiEnvironment"
        self.ask(f"/api/v1/applications/{name}/resource/actions?{where}", action, user)

    def actions(self, name: str, resource: str) -> dict[str, bool]:
        """Action → whether it is offered, as ArgoCD's page asks."""
        where = f"namespace=tradai&resourceName={resource}&version=v1alpha1&group=tradai.io&kind=TradaiEnvironment"
        found = self.ask(f"/api/v1/applications/{name}/resource/actions?{where}")["actions"]
        return {row["name"]: not row.get("disabled", False) for row in found}

    def ask(self, path: str, body: Any = None, user: str = "admin") -> Any:
        """One request of ArgoCD's API."""
        headers = {"Authorization": f"Bearer {self._session(user)}"}
        return self._request(path, body, headers)

    def _session(self, user: str) -> str:
        if not self._token:
            secret = self.deployed.kubectl(
                "get",
                "secret",
                "argocd-initial-admin-secret",
                "-n",
                NAMESPACE,
                "-o",
                "go-template={{.data.password|base64decode}}",
            )
            answer = self._request("/api/v1/session", {"username": "admin", "password": secret}, {})
            self._token = answer["token"]
        if user == "admin":
            return self._token
        headers = {"Authorization": f"Bearer {self._token}"}
        made: str = self._request(f"/api/v1/account/{user}/token", {"name": user}, headers)["token"]
        return made

    def _request(self, path: str, body: Any, headers: Mapping[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://{HOST}:{self.port}{path}"
        request = urllib.request.Request(url, data, {**headers, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise RefusedError(error.code, error.read().decode()) from None


class RefusedError(Exception):
    """What ArgoCD's API did not do."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code


def sync_of(app: Mapping[str, Any]) -> str:
    """Synced, OutOfSync or Unknown."""
    return str(app.get("status", {}).get("sync", {}).get("status", ""))


def health_of(app: Mapping[str, Any]) -> str:
    """Healthy, Progressing, Degraded, Suspended, Missing or Unknown."""
    return str(app.get("status", {}).get("health", {}).get("status", ""))


def revision_of(app: Mapping[str, Any]) -> str:
    """The commit that was compared last."""
    return str(app.get("status", {}).get("sync", {}).get("revision", ""))


def operation_of(app: Mapping[str, Any]) -> tuple[str, str]:
    """Phase and message of the last sync."""
    state = app.get("status", {}).get("operationState", {})
    results = state.get("syncResult", {}).get("resources", [])
    told = "; ".join(row.get("message", "") for row in results)
    return state.get("phase", ""), f"{state.get('message', '')}; {told}"


def _short(app: Mapping[str, Any]) -> dict[str, Any]:
    status = app.get("status", {})
    return {key: status.get(key) for key in ("sync", "health", "operationState", "conditions", "resources")}
