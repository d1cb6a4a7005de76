"""Helm as a person runs it, with folders and a kubeconfig of its own. Must never touch the user's."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "charts" / "tradai-operator"


class HelmError(AssertionError):
    """Helm refused; the message is its complaint."""


class Helm:
    """One person's helm; `kubeconfig` is not needed to render."""

    def __init__(self, home: Path, kubeconfig: Path | None = None) -> None:
        self._home = home
        own = {f"HELM_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
        where = {"KUBECONFIG": str(kubeconfig or home / "none")}
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(home), **own, **where}

    def run(self, *words: str) -> str:
        """What it printed; raises HelmError."""
        ran = subprocess.run(["helm", *words], env=self._environment, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise HelmError(f"helm {' '.join(words)}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def template(
        self, values: Mapping[str, Any], *words: str, namespace: str = "tradai-system"
    ) -> list[dict[str, Any]]:
        """Every document that the chart makes of the values; raises HelmError."""
        written = self.values(values)
        said = self.run("template", "tradai-operator", str(CHART), "-n", namespace, "-f", str(written), *words)
        return [document for document in yaml.safe_load_all(said) if document]

    def values(self, values: Mapping[str, Any]) -> Path:
        """A file of values."""
        self._home.mkdir(parents=True, exist_ok=True)
        path = self._home / "values.yaml"
        path.write_text(yaml.safe_dump(dict(values)))
        return path
