"""Kubeconfig files of the sandbox's users.

Must never name a file that does not come along: authority and token are inside.
"""

import base64
from pathlib import Path

import yaml

from tradai_sandbox.credentials import write_private
from tradai_sandbox.ports import HOST


def write(path: Path, port: int, authority: Path, user: str, token: str, namespace: str) -> None:
    """How `user` reaches the API server on `port`, with `namespace` where none is named."""
    cluster = {
        "server": f"https://{HOST}:{port}",
        "certificate-authority-data": base64.b64encode(authority.read_bytes()).decode(),
    }
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "sandbox",
        "clusters": [{"name": "sandbox", "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user, "namespace": namespace}}],
    }
    write_private(path, yaml.safe_dump(document, sort_keys=False))
