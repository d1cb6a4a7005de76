"""ArgoCD's servers as processes of this machine, each with the rights of its own service account.

Must never act with the administrator's rights: what ArgoCD may not do on a cluster, it may not do here.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.e2e.environment import Deployed
from tests.gitops import manifests
from tests.official import connection
from tradai_runner.journal.local import ProcessMark, is_alive
from tradai_sandbox import kubeconfig, ports, processes
from tradai_sandbox.layout import BINARIES, CHECKOUT
from tradai_sandbox.state import load
from tradai_sandbox.variables import inherited

NAMESPACE: Final = "argocd"
SERVER_ACCOUNT: Final = f"system:serviceaccount:{NAMESPACE}:argocd-server"
EXAMPLES: Final = CHECKOUT / "charts" / "examples" / "argocd"
_PATIENCE: Final = 120.0
_GRACE: Final = 10.0
_HOST: Final = ports.HOST


@dataclass
class ArgoCD:
    """One ArgoCD beside one sandbox."""

    deployed: Deployed
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, ProcessMark] = field(default_factory=dict)
    _token: str = ""

    @classmethod
    def start(cls, deployed: Deployed, folder: Path, customizations: str = "argocd-cm.yaml") -> "ArgoCD":
        """All of it; whatever fails ends what was begun."""
        argo = cls(deployed, folder)
        try:
            argo._install(customizations)
            argo._serve()
        except BaseException:
            argo.stop()
            raise
        return argo

    def stop(self) -> None:
        """Ends every server."""
        processes.stop(self.running.values(), _GRACE)

    def _install(self, customizations: str) -> None:
        apply = self.deployed.kubectl
        apply("create", "namespace", NAMESPACE)
        apply("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump_all(manifests.definitions()))
        apply("apply", "-n", NAMESPACE, "-f", "-", stdin=yaml.safe_dump_all(manifests.rights_and_settings()))
        for name in ("applications", "appprojects", "applicationsets"):
            apply("wait", "--for=condition=Established", f"crd/{name}.argoproj.io")
        self.customize(customizations)

    def customize(self, name: str) -> None:
        """As the file's own words say."""
        patch = f"--patch-file={EXAMPLES / name}"
        self.deployed.kubectl("patch", "configmap", "argocd-cm", "-n", NAMESPACE, patch)

    def _serve(self) -> None:
        names = (
            "redis",
            "repo",
            "repo-metrics",
            "server",
            "server-metrics",
            "controller-metrics",
            "sets",
            "sets-probe",
            "sets-hook",
        )
        for name in names:
            self.ports[name] = ports.find(set(self.ports.values()))
        at = {name: f"{_HOST}:{port}" for name, port in self.ports.items()}
        shared = ["--redis", at["redis"], "--repo-server", at["repo"], "--repo-server-plaintext"]
        self._spawn("argocd-redis", "--listen", at["redis"])
        listens = ["--address", _HOST, "--port", str(self.ports["repo"]), "--metrics-address", _HOST]
        metrics = ["--metrics-port", str(self.ports["repo-metrics"])]
        self._spawn("argocd-repo-server", *listens, *metrics, "--disable-tls", "--redis", at["redis"])
        self._spawn(
            "argocd-server", *shared, "--address", _HOST, "--port", str(self.ports["server"]), "--insecure",
            "--metrics-address", _HOST, "--metrics-port", str(self.ports["server-metrics"]),
        )  # fmt: skip
        self._await("argocd-server", lambda: self._answers("server", "/healthz"))
        self._spawn(
            "argocd-application-controller", *shared, "--metrics-port", str(self.ports["controller-metrics"]),
            "--app-resync", "30", "--self-heal-timeout-seconds", "2",
        )  # fmt: skip
        self._await("argocd-application-controller", lambda: self._answers("controller-metrics", "/healthz"))

    def serve_sets(self) -> None:
        """The controller of ApplicationSets too."""
        listens = {"--metrics-addr": "sets", "--probe-addr": "sets-probe", "--webhook-addr": "sets-hook"}
        words = [word for flag, name in listens.items() for word in (flag, f"{_HOST}:{self.ports[name]}")]
        repo = ["--argocd-repo-server", f"{_HOST}:{self.ports['repo']}", "--repo-server-plaintext"]
        self._spawn("argocd-applicationset-controller", *words, *repo)
        self._await("argocd-applicationset-controller", lambda: self._answers("sets", "/metrics"))

    def _spawn(self, name: str, *words: str) -> None:
        command = [str(BINARIES / ("argocd-redis" if name == "argocd-redis" else "argocd")), *words]
        account = [] if name in {"argocd-redis", "argocd-repo-server"} else ["--kubeconfig", str(self._identity(name))]
        if account:
            command += [*account, "--namespace", NAMESPACE]
        log = self.deployed.layout.log(name)
        self.running[name] = processes.spawn(command, self._environment(name), log, self.folder)

    def _environment(self, name: str) -> dict[str, str]:
        places = {"TLS": "tls", "SSH": "ssh"}
        folders = {f"ARGOCD_{key}_DATA_PATH": str(self.folder / value) for key, value in places.items()}
        for folder in (*folders.values(), str(self.folder / "tmp")):
            Path(folder).mkdir(parents=True, exist_ok=True)
        return inherited() | folders | {
            "PATH": os.pathsep.join((str(BINARIES), os.environ["PATH"])),
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder / "tmp"),
            "ARGOCD_BINARY_NAME": name,
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_ASK_PASS_SOCK": str(self.folder / "ask-pass.sock"),
            "ARGOCD_PLUGINSOCKFILEPATH": str(self.folder / "plugins"),
            "KUBECONFIG": str(self.folder / f"kubeconfig-{name}.yaml"),
            processes.MARKER: str(self.deployed.layout.root),
        }  # fmt: skip

    def _identity(self, account: str) -> Path:
        """The kubeconfig of a service account of ArgoCD."""
        path, layout = self.folder / f"kubeconfig-{account}.yaml", self.deployed.layout
        state = load(layout.state)
        assert state is not None
        token = self.deployed.kubectl("create", "token", account, "-n", NAMESPACE, "--duration=24h").strip()
        authority = layout.certificates / "ca.crt"
        kubeconfig.write(path, state.ports["kube-apiserver"], authority, account, token, NAMESPACE)
        return path

    def _await(self, name: str, ready: Callable[[], bool]) -> None:
        def settled() -> bool:
            return ready() or not is_alive(self.running[name])

        up = processes.wait(settled, _PATIENCE) and is_alive(self.running[name])
        assert up, f"{name} does not answer: {self.deployed.layout.log(name).read_text()[-3000:]}"

    def _answers(self, port: str, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://{_HOST}:{self.ports[port]}{path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    # What a person does and sees.

    def application(self, name: str) -> dict[str, Any] | None:
        """The Application as the API server has it, None where it is gone."""
        from kubernetes import client

        api = client.CustomObjectsApi(connection(Path(self.deployed.env["KUBECONFIG"])))
        try:
            found: Any = api.get_namespaced_custom_object("argoproj.io", "v1alpha1", NAMESPACE, "applications", name)
        except client.ApiException as error:
            if error.status == 404:
                return None
            raise
        finally:
            api.api_client.close()
        return dict(found)

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
        url = f"http://{_HOST}:{self.ports['server']}{path}"
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
