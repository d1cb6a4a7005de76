"""Where things lie: the files of one sandbox, and those of the checkout that it needs.

Must never create anything: it only knows names.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CRDS = CHECKOUT / "crds"
OPERATOR_RBAC = CHECKOUT / "operator" / "tradai_operator" / "rbac.yaml"
#: Holds `pulumi-resource-aws`, which the engine finds by PATH.
PLUGINS = Path(__file__).resolve().parent / "bin"
#: The virtual environment's scripts, and the pinned binaries that the bootstrap links there.
BINARIES = Path(sys.executable).parent


@dataclass(frozen=True)
class Layout:
    """The files of the sandbox in directory `root` (absolute)."""

    root: Path

    @property
    def state(self) -> Path:
        """What runs here (`state.SandboxState`)."""
        return self.root / "state.json"

    @property
    def lock(self) -> Path:
        """Held while somebody changes this sandbox."""
        return self.root / "sandbox.lock"

    @property
    def env(self) -> Path:
        """What people source."""
        return self.root / "env"

    @property
    def credentials(self) -> Path:
        """Tokens and secrets of this sandbox, readable by this user alone."""
        return self.root / "credentials.json"

    @property
    def certificates(self) -> Path:
        """The API server's authority, certificate and the key of service account tokens."""
        return self.root / "certificates"

    @property
    def etcd(self) -> Path:
        """The API server's data."""
        return self.root / "etcd"

    @property
    def etcd_socket(self) -> Path:
        """Where etcd answers."""
        return self.root / "etcd:2379"

    @property
    def objects(self) -> Path:
        """What the objects of the AWS endpoint contain."""
        return self.root / "objects"

    @property
    def workloads(self) -> Path:
        """What the images are that were pushed to the AWS endpoint, so that it can run them."""
        return self.root / "workloads"

    @property
    def audit_log(self) -> Path:
        """Every request that the API server completed, one JSON object a line, without bodies."""
        return self.root / "logs" / "audit.jsonl"

    @property
    def journal(self) -> Path:
        """The operator's local runs."""
        return self.root / "journal"

    @property
    def pulumi_home(self) -> Path:
        """The engine's own files, apart from the user's."""
        return self.root / "pulumi-home"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.root / "logs" / f"{name}.log"

    def kubeconfig(self, user: str) -> Path:
        """How `user` reaches the API server."""
        return self.root / f"kubeconfig-{user}.yaml"

    @property
    def data(self) -> tuple[Path, ...]:
        """Everything that goes with the sandbox; its logs stay."""
        files = (self.state, self.env, self.credentials, *self.root.glob("kubeconfig-*.yaml"))
        files += tuple(self.root.glob("etcd:*"))
        return (*files, self.certificates, self.etcd, self.objects, self.workloads, self.journal, self.pulumi_home)
