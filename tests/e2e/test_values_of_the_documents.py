"""The documents, read back from deployed environments over plain AWS calls: one test a value, one test a row.

And the account as a whole: it has what the states have, and nothing else.
"""

from __future__ import annotations

import pytest

from tests.documents.checks import Check, load_checks
from tests.documents.live import Live
from tests.documents.page import page
from tests.documents.transcription import all_rows
from tests.documents.verdicts import ROOT, Verdict, counted, verdicts
from tests.e2e.conftest import Documented
from tests.e2e.environment import STAGES, Deployed
from tests.e2e.inventory import READERS, inventory
from tests.e2e.recorded import TYPES, differences, recorded

#: All three environments may have to be built first.
pytestmark = pytest.mark.timeout(1800)
#: What a group launches is in no state.
UNRECORDED = {"instances"}

CHECKS = [(stage, check) for stage in STAGES for check in load_checks(stage)]
ROWS = [f"{table.section} {table.title}: {' | '.join(row.cells)[:60]}" for _, table, row in all_rows()]


@pytest.fixture(scope="module")
def lives() -> dict[str, Live]:
    """The environments that were looked at; what one answered once serves every value of the same subject."""
    return {}


@pytest.fixture
def live(deployed: Deployed, lives: dict[str, Live], stage: str) -> Live:
    """The one that a test asks about."""
    return lives.setdefault(stage, Live(deployed.clients, stage))


@pytest.fixture(scope="module")
def found(documented: Documented, lives: dict[str, Live]) -> list[Verdict]:
    """What all three say to each row."""
    sandbox = documented.having(*STAGES)
    return verdicts({stage: lives.setdefault(stage, Live(sandbox.clients, stage)) for stage in STAGES})


@pytest.mark.parametrize(
    ("stage", "check"), CHECKS, ids=[f"{stage} {check.section} {check.what}" for stage, check in CHECKS]
)
def test_the_environment_shows_the_documented_value(live: Live, stage: str, check: Check) -> None:
    value = check.read(live)

    assert check.agrees(value), f"{check.section}: {check.what} is {value}, the document has {check.expected}"


@pytest.mark.parametrize("position", range(len(ROWS)), ids=ROWS)
def test_a_row_of_the_documents_agrees_or_names_a_decision(found: list[Verdict], position: int) -> None:
    verdict = found[position]
    wrong = [
        f"{env}: {reading.check.what} is {reading.value}, not {reading.check.expected}"
        for env, read in verdict.readings.items()
        for reading in read
        if not reading.agrees
    ]

    assert verdict.stands, [*wrong, *verdict.lost]


def test_the_page_says_what_the_environments_say(found: list[Verdict]) -> None:
    written = (ROOT / "docs" / "CONFORMANCE.md").read_text(encoding="utf-8")

    assert page(found) == written, (
        "run `just conformance` against environments of this version, and look at what changed"
    )
    assert counted(found)["disagrees"] == 0


def test_every_kind_of_the_inventory_is_known_to_the_states() -> None:
    assert set(READERS) - UNRECORDED == set(TYPES)


def test_the_account_has_what_the_states_have_and_nothing_else(deployed: Deployed) -> None:
    there = inventory(deployed.clients)

    assert differences(there, recorded(deployed.clients, STAGES)) == {}
    assert [kind for kind, names in there.items() if not names] == []
