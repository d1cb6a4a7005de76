"""ArgoCD's servers as processes of this machine, each with the rights of its own service account.

Must never act with the administrator's rights: what ArgoCD may not do on a cluster, it may not do here.
"""

import os
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from tests.e2e.environment import Deployed
from tests.gitops import manifests
from tradai_runner.journal.local import ProcessMark, is_alive
from tradai_sandbox import kubeconfig, ports, processes
from tradai_sandbox.layout import BINARIES, CHECKOUT
from tradai_sandbox.state import load
from tradai_sandbox.variables import inherited

NAMESPACE: Final = "argocd"
EXAMPLES: Final = CHECKOUT / "charts" / "examples" / "argocd"
_PATIENCE: Final = 120.0
_GRACE: Final = 10.0
_HOST: Final = ports.HOST


@dataclass
class Servers:
    """Those of one ArgoCD beside one sandbox."""

    deployed: Deployed
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, ProcessMark] = field(default_factory=dict)

    @classmethod
    def start(cls, deployed: Deployed, folder: Path, customizations: str = "argocd-cm.yaml") -> "Servers":
        """All of it; whatever fails ends what was begun."""
        servers = cls(deployed, folder)
        try:
            servers._install(customizations)
            servers._serve()
        except BaseException:
            servers.stop()
            raise
        return servers

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
