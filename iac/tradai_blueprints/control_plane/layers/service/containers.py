"""The containers of the control plane's task: what each runs, what it waits for, when it counts as alive.

Two end by themselves: `certificates` writes what all others read, `setup` applies what the operator needs before it
starts. The other four stand, each restarted by itself where it dies: a task that is replaced takes all of them along.
Must never give an outside address to what trusts whoever reaches it (kine).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from tradai_blueprints.control_plane.settings import API_PORT, DATABASE_PORT, Postgres

#: Where all of them find what `certificates` wrote; the images own it, so that nobody needs to be root.
FILES: Final = "/control-plane"
VOLUME: Final = "files"
SCRATCH: Final = "scratch"
#: Where the operator's image has its home, the one place that it writes to.
WORK: Final = "/work"
NAMESPACE: Final = "tradai-system"
#: Whom RDS's certificates come from; the image has it.
DATABASE_AUTHORITY: Final = "/etc/tradai/rds.pem"
#: The definition, the policy and the operator's rights, as the image has them.
MANIFESTS: Final = "/etc/tradai/manifests"
_USER: Final = "65532:65532"
_KINE: Final = "127.0.0.1:2379"
_PYTHON: Final = ("python", "-m", "tradai_control_plane")
#: What dies sooner after a start than this is not started again by itself: then the whole task is replaced.
_RESTART_SECONDS: Final = 60
#: A minute without the database is no reason to replace anybody; several are, since the password may have changed.
_CHECK: Final = {"interval": 15, "timeout": 5, "retries": 10, "startPeriod": 120}
_CONTROLLERS: Final = (
    "namespace-controller",
    "garbage-collector-controller",
    "clusterrole-aggregation-controller",
    "serviceaccount-controller",
)

Container = dict[str, Any]
_SCRATCH: Final[Container] = {"sourceVolume": SCRATCH, "containerPath": WORK, "readOnly": False}


@dataclass(frozen=True, kw_only=True)
class ContainersArgs:
    """What the containers refer to. `runs` are the operator's settings for tasks of runs, `api_names` the names by
    which people reach the API server beside the loopback address."""

    region: str
    control_plane_image: str
    operator_image: str
    log_group: pulumi.Input[str]
    postgres: Postgres
    database_host: pulumi.Input[str]
    database_secret_arn: pulumi.Input[str]
    authority_secret_arn: pulumi.Input[str]
    api_names: Sequence[pulumi.Input[str]]
    runs: Mapping[str, pulumi.Input[str]]


def containers(args: ContainersArgs) -> list[Container]:
    """ECS's container definitions, in the order in which they start."""
    certificates = _once("certificates", args.control_plane_image, (*_PYTHON, "prepare"), args)
    certificates["environment"] = _variables(_what_it_makes(args))
    # whose image mounts a volume first says whose it is; the operator's knows of none
    certificates["mountPoints"].append(_SCRATCH)
    setup = _once(
        "setup", args.control_plane_image, (*_PYTHON, "setup", MANIFESTS), args, after=_alive("kube-apiserver")
    )
    kine = _standing("kine", args.control_plane_image, _kine(args), args, after=_ended("certificates"))
    apiserver = _standing("kube-apiserver", args.control_plane_image, _APISERVER, args, after=_alive("kine"))
    # a session of Systems Manager needs a place to write
    apiserver |= {"readonlyRootFilesystem": False, "linuxParameters": {"initProcessEnabled": True}}
    apiserver["portMappings"] = [{"containerPort": API_PORT, "hostPort": API_PORT, "protocol": "tcp"}]
    manager = _standing(
        "kube-controller-manager", args.control_plane_image, _CONTROLLER_MANAGER, args, after=_alive("kube-apiserver")
    )
    operator = _standing("operator", args.operator_image, ("python", "-m", "tradai_operator"), args, _ended("setup"))
    operator["environment"] = _variables({**_OPERATOR, "AWS_REGION": args.region, **args.runs})
    operator["stopTimeout"] = 60
    operator["healthCheck"] = {"command": ["CMD", "python", "-c", _OPERATOR_LIVES], **_CHECK}
    operator["mountPoints"].append(_SCRATCH)
    return [certificates, kine, apiserver, manager, setup, operator]


def _container(name: str, image: str, command: Sequence[Any], args: ContainersArgs) -> Container:
    return {
        "name": name,
        "image": image,
        "command": list(command),
        "user": _USER,
        "readonlyRootFilesystem": True,
        "mountPoints": [{"sourceVolume": VOLUME, "containerPath": FILES, "readOnly": name != "certificates"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": args.log_group,
                "awslogs-region": args.region,
                "awslogs-stream-prefix": name,
            },
        },
    }


def _once(
    name: str, image: str, command: Sequence[Any], args: ContainersArgs, after: Sequence[Container] = ()
) -> Container:
    return {**_container(name, image, command, args), "essential": False, "dependsOn": list(after)}


def _standing(
    name: str, image: str, command: Sequence[Any], args: ContainersArgs, after: Sequence[Container]
) -> Container:
    probe = ["CMD", *_PYTHON, "alive", name]
    return {
        **_container(name, image, command, args),
        "essential": True,
        "restartPolicy": {"enabled": True, "restartAttemptPeriod": _RESTART_SECONDS},
        "dependsOn": list(after),
        "healthCheck": {"command": probe, **_CHECK},
    }


def _ended(name: str) -> list[Container]:
    return [{"containerName": name, "condition": "SUCCESS"}]


def _alive(name: str) -> list[Container]:
    return [{"containerName": name, "condition": "HEALTHY"}]


def _variables(of: Mapping[str, Any]) -> list[Container]:
    return [{"name": name, "value": of[name]} for name in sorted(of)]


def _what_it_makes(args: ContainersArgs) -> dict[str, Any]:
    return {
        "AWS_REGION": args.region,
        "TRADAI_AUTHORITY_SECRET": args.authority_secret_arn,
        "TRADAI_DATABASE_SECRET": args.database_secret_arn,
        "TRADAI_DATABASE_HOST": args.database_host,
        "TRADAI_API_NAMES": pulumi.Output.all(*args.api_names).apply(",".join),
        "TRADAI_FILES": FILES,
    }


def _kine(args: ContainersArgs) -> list[Any]:
    """Its connections are of ten minutes at most: with a password of yesterday none comes instead, which is seen."""
    postgres = args.postgres
    endpoint = pulumi.Output.concat(
        f"--endpoint=postgres://{postgres.user}@",
        args.database_host,
        f":{DATABASE_PORT}/{postgres.name}?sslmode=verify-full&sslrootcert={DATABASE_AUTHORITY}",
        f"&passfile={FILES}/database.pass",
    )
    return [
        "kine",
        f"--listen-address={_KINE}",
        endpoint,
        "--metrics-bind-address=0",
        "--datastore-max-open-connections=30",
        "--datastore-connection-max-lifetime=10m",
    ]


_APISERVER: Final = (
    "kube-apiserver",
    f"--etcd-servers=http://{_KINE}",
    f"--secure-port={API_PORT}",
    "--bind-address=0.0.0.0",
    "--advertise-address=127.0.0.1",
    f"--tls-cert-file={FILES}/server.crt",
    f"--tls-private-key-file={FILES}/server.key",
    f"--client-ca-file={FILES}/authorities.crt",
    "--service-account-issuer=https://kubernetes.default.svc",
    f"--service-account-key-file={FILES}/service-accounts.pub",
    f"--service-account-signing-key-file={FILES}/service-accounts.key",
    f"--encryption-provider-config={FILES}/encryption.json",
    "--authorization-mode=RBAC",
    "--anonymous-auth=false",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--endpoint-reconciler-type=none",
    f"--audit-policy-file={FILES}/audit-policy.json",
    "--audit-log-path=-",
    "--profiling=false",
)

_CONTROLLER_MANAGER: Final = (
    "kube-controller-manager",
    f"--kubeconfig={FILES}/controller-manager.kubeconfig",
    f"--controllers={','.join(_CONTROLLERS)}",
    "--use-service-account-credentials",
    f"--service-account-private-key-file={FILES}/service-accounts.key",
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    f"--tls-cert-file={FILES}/server.crt",
    f"--tls-private-key-file={FILES}/server.key",
    "--profiling=false",
)

_OPERATOR_LIVES: Final = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"

_OPERATOR: Final[Mapping[str, Any]] = {
    "KUBECONFIG": f"{FILES}/operator.kubeconfig",
    "TRADAI_OPERATOR_NAMESPACE": NAMESPACE,
    "TRADAI_EXECUTOR": "ecs",
    "TRADAI_KEEP_DEFINITION": "true",
    "TRADAI_METRICS_ADDRESS": "127.0.0.1:8080",
    "TRADAI_JOURNAL_DIR": f"{WORK}/journal",  # runs are tasks: nothing that matters is kept there
    "HOME": WORK,
    "TMPDIR": WORK,
    "MALLOC_ARENA_MAX": "2",
}
