"""The examples without what they override, so that what stands is the documents' own values.

`python tests/documents/manifests.py | kubectl apply --server-side -f -` asks for dev, staging and prod.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

if not __package__:  # run by path: only then the root of the tree is not on the path
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.documents.checks import ENVIRONMENTS

EXAMPLES = Path(__file__).resolve().parents[2] / "crds" / "examples"


def as_documented(environment: str) -> dict[str, Any]:
    """The example of an environment that sets nothing but where its secrets come from."""
    manifest: dict[str, Any] = yaml.safe_load((EXAMPLES / f"env-{environment}.yaml").read_text(encoding="utf-8"))
    secrets = manifest["spec"]["layers"]["foundation"]["config"]["secrets"]
    manifest["spec"]["layers"] = {"foundation": {"config": {"secrets": secrets}}}
    return manifest


if __name__ == "__main__":
    sys.stdout.write(yaml.safe_dump_all([as_documented(env) for env in ENVIRONMENTS], sort_keys=False))
