"""kube-controller-manager with just the controllers without which an API server alone misbehaves.

Without them a deleted namespace never goes, owned objects stay and aggregated roles are empty.
Must never run a controller that needs nodes.
"""

from tradai_sandbox.ports import HOST
from tradai_sandbox.services.probe import http_ok
from tradai_sandbox.services.service import Context, Service, binary

_CONTROLLERS = (
    "namespace-controller",
    "garbage-collector-controller",
    "clusterrole-aggregation-controller",
    "serviceaccount-controller",
    "job-controller",
    "ttl-after-finished-controller",
)


def _command(context: Context) -> tuple[str, ...]:
    files = context.layout.certificates
    return (
        binary("kube-controller-manager"),
        f"--kubeconfig={context.layout.kubeconfig('controller-manager')}",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--use-service-account-credentials",
        "--leader-elect=false",
        f"--bind-address={HOST}",
        f"--secure-port={context.ports['kube-controller-manager']}",
        f"--tls-cert-file={files / 'server.crt'}",
        f"--tls-private-key-file={files / 'server.key'}",
    )


def _ready(context: Context) -> bool:
    authority = context.layout.certificates / "ca.crt"
    return http_ok(context.ports["kube-controller-manager"], "/healthz", authority=authority)


SERVICE = Service(name="kube-controller-manager", ports=("kube-controller-manager",), command=_command, ready=_ready)
