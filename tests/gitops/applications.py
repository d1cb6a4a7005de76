"""The examples as one test's repository has them: the same documents, with another address and another place.

Must never change anything else of them.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from tradai_sandbox.layout import CHECKOUT

EXAMPLES: Final = CHECKOUT / "charts" / "examples" / "argocd"
_ADDRESS: Final = "https://git.example.com/platform/environments.git"


def documents(path: Path, url: str) -> list[dict[str, Any]]:
    """The documents of an example that reads another repository."""
    text = path.read_text()
    return list(yaml.safe_load_all(text.replace(_ADDRESS, url)))


def example(name: str, url: str) -> dict[str, Any]:
    """An example of one document."""
    [document] = documents(EXAMPLES / name, url)
    return document


def environment(**spec: Any) -> dict[str, Any]:
    """The example environment, with parts of its spec replaced."""
    manifest: dict[str, Any] = yaml.safe_load((EXAMPLES / "environments" / "sample.yaml").read_text())
    manifest["spec"] |= spec
    return manifest


def layers(*, note: str = "sample", queues: int = 2, **store: Any) -> dict[str, Any]:
    """The two layers of it."""
    return {"store": {"config": {"note": note, **store}}, "work": {"config": {"note": note, "queues": queues}}}
