"""A kubeconfig of one user of one API server, everything in the one file.

Must never name a path: the file may be carried elsewhere.
"""

import base64
import json

from tradai_control_plane.base import Frozen
from tradai_control_plane.keys import Signed


class Way(Frozen):
    """Where the API server is, by which authorities it is known, and what its certificate is to name."""

    server: str
    trusted: str
    named: str = ""
    namespace: str = "default"


def kubeconfig(way: Way, user: str, identity: Signed) -> str:
    """The text; JSON is YAML."""
    cluster = {"server": way.server, "certificate-authority-data": _encoded(way.trusted)}
    if way.named:
        cluster["tls-server-name"] = way.named
    credentials = {
        "client-certificate-data": _encoded(identity.certificate),
        "client-key-data": _encoded(identity.key),
    }
    context = {"cluster": "control-plane", "user": user, "namespace": way.namespace}
    text = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "control-plane", "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": "control-plane", "context": context}],
        "current-context": "control-plane",
    }
    return json.dumps(text, indent=1)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
