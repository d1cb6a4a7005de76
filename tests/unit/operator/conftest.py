"""The example of dev, as the API server would hand it to the operator."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLES = Path(__file__).parents[3] / "crds" / "examples"


@cache
def _example() -> dict[str, Any]:
    """Parsed once a process; only copies of it leave this module."""
    return dict(yaml.safe_load((EXAMPLES / "env-dev.yaml").read_text()))


@pytest.fixture
def body() -> dict[str, Any]:
    """A whole body without status, fresh for each test."""
    manifest: dict[str, Any] = deepcopy(_example())
    manifest["metadata"] |= {
        "uid": "6f1c9a52-0000-4000-8000-000000000001",
        "generation": 3,
        "creationTimestamp": "2026-11-21T09:00:00Z",
    }
    return manifest
