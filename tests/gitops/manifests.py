"""ArgoCD's own manifests, out of the Go module that its binaries are built from.

Must never change what is in them, but leave out what needs nodes.
"""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from tests.modules import module

_MODULE: Final = "github.com/argoproj/argo-cd/v2"
#: The servers are processes of this machine here.
_NEEDS_NODES: Final = frozenset({"Deployment", "StatefulSet", "Service", "NetworkPolicy"})


def definitions() -> list[dict[str, Any]]:
    """Application, ApplicationSet and AppProject."""
    return [found for found in _install() if found["kind"] == "CustomResourceDefinition"]


def rights_and_settings() -> list[dict[str, Any]]:
    """Accounts, roles and settings of a whole ArgoCD."""
    left_out = _NEEDS_NODES | {"CustomResourceDefinition"}
    return [found for found in _install() if found["kind"] not in left_out]


def _install() -> Iterator[dict[str, Any]]:
    text = (module(_MODULE, "argocd") / "manifests" / "install.yaml").read_text()
    yield from (found for found in yaml.load_all(text, Loader=yaml.CSafeLoader) if found)
