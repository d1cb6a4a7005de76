"""The control plane on ECS, stood up from its own task definition: the pieces of its story.

Built by `tradai bootstrap ecs` on the local AWS endpoint, run by a machine that reads what ECS was told, on a real
PostgreSQL. Must never start a process by another command than its container's.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.environment import Deployed
from tests.standins.ecs_agent import EcsAgent
from tests.standins.ecs_service import ServiceMachine
from tests.standins.postgres import Postgres, postgres

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "operator" / "control-plane.Dockerfile"
ENVIRONMENT = "eph-home"
DIGEST = "@sha256:" + "0" * 64
#: The role of an environment, which the runs step into.
ROLE = "arn:aws:iam::123456789012:role/tradai-deploy-dev"
#: What a machine has that AWS gives a task.
_GIVEN = ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION")


def declared(**service: Any) -> dict[str, Any]:
    """The file that a person writes."""
    served = {"deployRoleArn": ROLE, "stateBucket": "tradai-pulumi-state-dev"}
    images = {
        "controlPlaneImage": f"registry.example.com/tradai-control-plane{DIGEST}",
        "operatorImage": f"registry.example.com/tradai-operator{DIGEST}",
    }
    return {
        "environment": ENVIRONMENT,
        "accountId": "123456789012",
        "region": "eu-central-1",
        "backendUrl": "s3://tradai-pulumi-state-dev",
        "layers": {"service": {**images, "environments": [served], **service}},
    }


@dataclass
class EcsHome:
    """One control plane: the sandbox whose AWS it stands in, its machine, its database; `way` is a kubeconfig of it."""

    sandbox: Deployed
    file: Path
    machine: ServiceMachine
    runs: EcsAgent
    database: Postgres
    folder: Path

    def way(self, *words: str) -> Deployed:
        """A person's way in, made by `tradai kubeconfig`."""
        made = self.folder / f"kubeconfig-{len(list(self.folder.glob('kubeconfig-*')))}"
        self.sandbox.tradai("kubeconfig", "--file", str(self.file), "--output", str(made), "--user", "jane", *words)
        return replace(self.sandbox, env={**self.sandbox.env, "KUBECONFIG": str(made)})

    @property
    def secret(self) -> str:
        """Where its authorities are."""
        return f"tradaihome/authority-{ENVIRONMENT}"

    def authorities(self) -> list[dict[str, Any]]:
        """Those of certificates, oldest first; none before the init step has made one."""
        manager = self.sandbox.clients("secretsmanager")
        try:
            found = manager.get_secret_value(SecretId=self.secret)
        except manager.exceptions.ResourceNotFoundException:
            return []
        kept: list[dict[str, Any]] = json.loads(found["SecretString"])["authorities"]
        return kept

    def settled(self) -> Deployed:
        """Somebody with a way in, who has told the operator where states may be and has the passphrase there."""
        self.sandbox.until("the init step to have made an authority", self.authorities)
        person = self.way("--admin")
        person.until("the task to be whole", lambda: self.machine.tasks and self.machine.healthy("operator"))
        allowed = yaml.safe_load_all((ROOT / "crds/examples/allowlist.yaml").read_text())
        for manifest in (*allowed, *_things(self.sandbox.env["PULUMI_CONFIG_PASSPHRASE"])):
            person.apply(manifest)
        return person


def _things(passphrase: str) -> list[dict[str, Any]]:
    secret = {"name": "tradai-state", "namespace": "tradai"}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "tradai"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": secret, "stringData": {"passphrase": passphrase}},
    ]


@contextmanager
def ecs_home(sandbox: Deployed, folder: Path) -> Iterator[EcsHome]:
    """Builds it, and starts what runs it."""
    file = folder / "home.yaml"
    file.write_text(yaml.safe_dump(declared()))
    sandbox.tradai("bootstrap", "ecs", "--file", str(file))
    user, password, host = database_of(sandbox)
    variables = {name: sandbox.env[name] for name in _GIVEN}
    cluster, service = f"tradaihome-cluster-{ENVIRONMENT}", f"tradaihome-control-{ENVIRONMENT}"
    ecs = sandbox.clients("ecs")
    with postgres(user, password) as database:
        places = {
            "/etc/tradai/manifests": str(manifests(folder / "manifests")),
            "/etc/tradai/rds.pem": str(database.authority),
            f"{host}:5432": f"127.0.0.1:{database.port}",
            host: "127.0.0.1",
        }
        machine = ServiceMachine(ecs, (cluster, service), folder / "machine", variables, places)
        runs = EcsAgent(ecs, cluster, folder / "runs", {name: variables[name] for name in _GIVEN[:3]})
        with runs, machine:
            yield EcsHome(sandbox, file, machine, runs, database, folder)


def manifests(folder: Path) -> Path:
    """What the image of the control plane copies there: policy, and the operator's rights."""
    folder.mkdir()
    (line,) = [each for each in DOCKERFILE.read_text().splitlines() if each.endswith(" /etc/tradai/manifests/")]
    for path in line.split()[1:-1]:
        shutil.copy(ROOT / path, folder)
    return folder


def database_of(sandbox: Deployed) -> tuple[str, str, str]:
    """User, password and host of the database, as AWS has them."""
    (found,) = sandbox.clients("rds").describe_db_instances()["DBInstances"]
    arn = found["MasterUserSecret"]["SecretArn"]
    held = json.loads(sandbox.clients("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    return held["username"], held["password"], found["Endpoint"]["Address"]
