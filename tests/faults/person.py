"""A person with an engine of their own, on the stack of an environment's store: plain `pulumi`, no port, no operator.

They stand in a folder with the layer's own `Pulumi.yaml` and what `tradai infra config` renders beside it. Their
program is handed to the engine by Automation API, so that no language host is needed. Must never judge: the tests do.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tradai_blueprints.sample
from tests.faults.sample import manifest
from tests.faults.site import BUCKET, Site
from tradai_iac.backend import engine_url
from tradai_runner.bucket.keys import state_key

PROJECT: Final = "sample-store"
_LAYER: Final = Path(tradai_blueprints.sample.__file__).parent / "layers" / "store"
_SECONDS: Final = 120
#: `pulumi up` with the layer's `__main__.py`; what the engine says goes to the outputs, a failure too.
_PROGRAM: Final = """
import runpy, sys
from pulumi import automation as auto
workspace = auto.LocalWorkspace(program=lambda: runpy.run_path("__main__.py") and None, work_dir=".")
auto.Stack.select(sys.argv[1], workspace).up(on_output=print)
"""

Ran = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Person:
    """At work on one stage; `folder` is where they stand, with a `Pulumi.yaml`."""

    site: Site
    stage: str
    folder: Path

    @classmethod
    def ready(cls, site: Site, stage: str, folder: Path) -> "Person":
        """With the layer's configuration, as the documents say that it is had; raises AssertionError."""
        person = cls(site, stage, folder)
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(_LAYER / name, folder)
        (written := folder / "environment.json").write_text(json.dumps(manifest(stage)))
        rendered = person._ran("tradai", "infra", "config", "store", stage, "--file", str(written))
        assert rendered.returncode == 0, rendered.stderr
        (folder / f"Pulumi.{stage}.yaml").write_text(rendered.stdout)
        return person

    def pulumi(self, *words: str) -> Ran:
        """A command that needs no program."""
        name = f"organization/{PROJECT}/{self.stage}"
        return self._ran("pulumi", "--non-interactive", *words, "--stack", name)

    def cancel(self) -> Ran:
        """`pulumi cancel`: whoever holds the stack's lock has it no longer."""
        return self.pulumi("cancel", "--yes")

    def refresh(self) -> Ran:
        """`pulumi refresh`, which takes what is under way for not made."""
        return self.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates")

    def up(self) -> Ran:
        """`pulumi up`."""
        return self._ran(sys.executable, "-c", _PROGRAM, self.stage)

    def _ran(self, *command: str) -> Ran:
        return subprocess.run(
            command, cwd=self.folder, env=self._env, capture_output=True, text=True, timeout=_SECONDS, check=False
        )

    @property
    def _env(self) -> Mapping[str, str]:
        """The state bucket itself, and the credentials of a person."""
        backend = engine_url(f"s3://{BUCKET}", "eu-central-1", self.site.proxy.url)
        own = {"PULUMI_BACKEND_URL": backend, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        return os.environ | dict(self.site.deployed.env) | own


def writer(site: Site, stage: str) -> str | None:
    """The run that has written the state of the store, None where a person has."""
    found = site.deployed.clients("s3").head_object(Bucket=BUCKET, Key=state_key(PROJECT, stage))
    run: str | None = found["Metadata"].get("tradai-run")
    return run
