"""Every value of the documents, read back from a deployed `dev` over plain AWS calls: one test a value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.documents.checks import Check, load_checks
from tests.documents.live import Live


@pytest.fixture(scope="module")
def live(deployed_dev: Any) -> Live:
    """The deployed environment; what it answered once serves every value of the same subject."""
    return Live(deployed_dev.clients, "dev")


@pytest.mark.parametrize("check", load_checks("dev"), ids=lambda check: f"{check.section} {check.what}")
def test_the_environment_shows_the_documented_value(live: Live, check: Check) -> None:
    value = check.read(live)

    assert check.agrees(value), f"{check.section}: {check.what} is {value}, the document has {check.expected}"
