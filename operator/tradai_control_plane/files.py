"""The files that the processes of the task read, made from the bundle: name → text.

Certificates are signed at every start, so that none is older than its task. Must never hold the key of an authority.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from tradai_control_plane.bundle import Bundle
from tradai_control_plane.keys import Signed, Subject, public, sign
from tradai_control_plane.kubeconfig import Way, kubeconfig
from tradai_control_plane.rotation import LEAF

SERVER: Final = "https://127.0.0.1:6443"
NAMESPACE: Final = "tradai-system"
_ACCOUNT: Final = "tradai-operator"
_NAMES: Final = ("127.0.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")

CONTROLLER_MANAGER: Final = Subject(user="system:kube-controller-manager")
#: The service account of the operator, whose rights the generated rules give it.
OPERATOR: Final = Subject(
    user=f"system:serviceaccount:{NAMESPACE}:{_ACCOUNT}",
    groups=("system:serviceaccounts", f"system:serviceaccounts:{NAMESPACE}"),
)
#: Applies what the operator needs before it starts.
SETUP: Final = Subject(user="tradai-setup", groups=("system:masters",))
#: Asks whether the API server is ready, and may nothing else.
PROBE: Final = Subject(user="tradai-probe")

_AUDIT: Final = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "None", "verbs": ["get", "list", "watch"]},
        {"level": "None", "resources": [{"group": "coordination.k8s.io"}, {"group": "events.k8s.io"}]},
        {"level": "None", "resources": [{"group": "", "resources": ["events"]}]},
        {"level": "Metadata"},
    ],
}


def files(bundle: Bundle, names: Sequence[str], now: datetime) -> Mapping[str, str]:
    """All of them but the database's password."""
    server = _leaf(bundle, Subject(user="kube-apiserver", names=tuple(dict.fromkeys((*_NAMES, *names)))), now)
    probe, setup = (_leaf(bundle, subject, now) for subject in (PROBE, SETUP))
    return {
        "authorities.crt": bundle.trusted,
        "server.crt": server.certificate,
        "server.key": server.key,
        "service-accounts.key": bundle.service_account.key,
        "service-accounts.pub": "".join(public(each.key) for each in bundle.service_accounts),
        "encryption.json": json.dumps(_encryption(bundle)),
        "audit-policy.json": json.dumps(_AUDIT),
        "probe.crt": probe.certificate,
        "probe.key": probe.key,
        "setup.crt": setup.certificate,
        "setup.key": setup.key,
        "controller-manager.kubeconfig": _kubeconfig(bundle, "controller-manager", CONTROLLER_MANAGER, now),
        "operator.kubeconfig": _kubeconfig(bundle, "operator", OPERATOR, now, NAMESPACE),
    }


def password_file(host: str, user: str, password: str) -> str:
    """PostgreSQL's own file of passwords: a backslash before what would end a field."""
    fields = (host, "*", "*", user, password)
    return ":".join(_escaped(each) if each != "*" else each for each in fields) + "\n"


def _escaped(field: str) -> str:
    return field.replace("\\", "\\\\").replace(":", "\\:")


def _leaf(bundle: Bundle, subject: Subject, now: datetime) -> Signed:
    return sign(bundle.authority, subject, now, LEAF)


def _kubeconfig(bundle: Bundle, user: str, subject: Subject, now: datetime, namespace: str = "default") -> str:
    way = Way(server=SERVER, trusted=bundle.trusted, namespace=namespace)
    return kubeconfig(way, user, _leaf(bundle, subject, now))


def _encryption(bundle: Bundle) -> dict[str, object]:
    """The key that signs writes; every one of them reads, and so does none at all."""
    writes = next(each for each in reversed(bundle.at_rest) if each.signs_since is not None)
    ordered = [writes, *(each for each in reversed(bundle.at_rest) if each is not writes)]
    keys = [{"name": f"{each.made:%Y%m%dT%H%M%S%f}", "secret": each.key} for each in ordered]
    providers: list[dict[str, object]] = [{"secretbox": {"keys": keys}}, {"identity": {}}]
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "EncryptionConfiguration",
        "resources": [{"resources": ["secrets"], "providers": providers}],
    }
