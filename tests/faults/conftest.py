"""Places to play the matrix on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.budget import timed
from tests.faults.site import Site

Row = Callable[[str], Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A sandbox behind a proxy, without operator."""
    with timed("a sandbox"):
        opened = Site.open(tmp_path_factory.mktemp("faults") / "sandbox")
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path
