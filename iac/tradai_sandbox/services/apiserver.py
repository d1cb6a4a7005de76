"""kube-apiserver: RBAC on, anonymous off, tokens for two users, an audit log of metadata.

Must never know a user with more rights than needed, the person at the keyboard (`admin`) aside.
"""

import json

from tradai_sandbox.ports import HOST
from tradai_sandbox.services import etcd
from tradai_sandbox.services.probe import http_ok
from tradai_sandbox.services.service import Context, Service, binary

_ISSUER = "https://kubernetes.default.svc"

_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}


def prepare(context: Context) -> None:
    """Write the files that the command line names."""
    credentials = context.credentials
    tokens = context.layout.certificates / "tokens.csv"
    tokens.touch(mode=0o600)
    tokens.write_text(
        f'{credentials.admin_token},admin,admin,"system:masters"\n'
        f"{credentials.controller_manager_token},system:kube-controller-manager,controller-manager\n"
    )
    (context.layout.certificates / "audit-policy.json").write_text(json.dumps(_AUDIT_POLICY))


def _command(context: Context) -> tuple[str, ...]:
    files = context.layout.certificates
    return (
        binary("kube-apiserver"),
        f"--etcd-servers={etcd.URL}",
        f"--bind-address={HOST}",
        f"--advertise-address={HOST}",
        f"--secure-port={context.ports['kube-apiserver']}",
        f"--cert-dir={files}",
        f"--tls-cert-file={files / 'server.crt'}",
        f"--tls-private-key-file={files / 'server.key'}",
        f"--service-account-issuer={_ISSUER}",
        f"--service-account-key-file={files / 'service-accounts.key'}",
        f"--service-account-signing-key-file={files / 'service-accounts.key'}",
        f"--token-auth-file={files / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--anonymous-auth=false",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        f"--audit-policy-file={files / 'audit-policy.json'}",
        f"--audit-log-path={context.layout.audit_log}",
    )


def _ready(context: Context) -> bool:
    authority = context.layout.certificates / "ca.crt"
    return http_ok(
        context.ports["kube-apiserver"], "/readyz", authority=authority, token=context.credentials.admin_token
    )


SERVICE = Service(name="kube-apiserver", ports=("kube-apiserver",), command=_command, ready=_ready)
