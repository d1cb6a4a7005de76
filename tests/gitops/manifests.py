"""ArgoCD's own manifests and those of its neighbours, out of the Go modules that the binaries are built from.

Must never change what is in them, but leave out what needs nodes.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.rings.tree import ROOT
from tools.provision import golang, host

_MODULE: Final = "github.com/argoproj/argo-cd/v2"
#: The servers are processes of this machine here.
_NEEDS_NODES: Final = frozenset({"Deployment", "StatefulSet", "Service", "NetworkPolicy"})


@cache
def module(name: str = _MODULE, folder: str = "argocd") -> Path:
    """Where the files of a module lie that `tools/<folder>` pins; Go fetches it where it is not here."""
    cache_folder = host.cache_directory()
    go = golang.ensure(ROOT, cache_folder, Path(sys.executable))
    told = subprocess.run(
        [go, "mod", "download", "-json", name],
        cwd=ROOT / "tools" / folder,
        env=golang.environment(cache_folder),
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(json.loads(told.stdout)["Dir"])


def definitions() -> list[dict[str, Any]]:
    """Application, ApplicationSet and AppProject."""
    return [found for found in _install() if found["kind"] == "CustomResourceDefinition"]


def rights_and_settings() -> list[dict[str, Any]]:
    """Accounts, roles and settings of a whole ArgoCD."""
    left_out = _NEEDS_NODES | {"CustomResourceDefinition"}
    return [found for found in _install() if found["kind"] not in left_out]


def _install() -> Iterator[dict[str, Any]]:
    text = (module() / "manifests" / "install.yaml").read_text()
    yield from (found for found in yaml.load_all(text, Loader=yaml.CSafeLoader) if found)
