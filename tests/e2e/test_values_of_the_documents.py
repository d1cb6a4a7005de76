"""Every value of the documents, read back from deployed environments over plain AWS calls: one test a value."""

from __future__ import annotations

import pytest

from tests.documents.checks import Check, load_checks
from tests.documents.live import Live
from tests.e2e.environment import STAGES, Deployed

CHECKS = [(stage, check) for stage in STAGES for check in load_checks(stage)]


@pytest.fixture(scope="module")
def live(deployed: Deployed) -> dict[str, Live]:
    """The deployed environments; what one answered once serves every value of the same subject."""
    return {stage: Live(deployed.clients, stage) for stage in STAGES}


@pytest.mark.parametrize(
    ("stage", "check"), CHECKS, ids=[f"{stage} {check.section} {check.what}" for stage, check in CHECKS]
)
def test_the_environment_shows_the_documented_value(live: dict[str, Live], stage: str, check: Check) -> None:
    value = check.read(live[stage])

    assert check.agrees(value), f"{check.section}: {check.what} is {value}, the document has {check.expected}"
