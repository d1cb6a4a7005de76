"""The operations guide: whoever comes with an alert or a reason finds it, and every link leads somewhere."""

from pathlib import Path
from typing import get_args

import pytest

from tests.unit.documents import reasons
from tests.unit.documents.pages import anchors, headings, links
from tradai_iac.failure import FailureClass

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
GUIDE = DOCS / "operations"
#: A part of the runbook has a heading for each of its things, with these parts below it.
RUNBOOK = sorted(GUIDE.glob("runbook*.md"))
PARTS = ("**What it is.**", "**People see.**", "**Check.**", "**Do.**")
#: What goes on by itself needs no parts.
CALM = "**Do.** Nothing"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def told() -> set[str]:
    return {heading.strip("`") for page in RUNBOOK for heading in headings(page)}


def test_every_reason_that_code_gives_was_read() -> None:
    assert reasons.unread() == set()
    assert reasons.HANDED_ON.keys() <= reasons.read().keys(), "a row that explains nothing any more"
    found = reasons.reasons()
    known = {"LayersRunning", "SecretMissing", "PlanWaits", "LookFailed", "WriteRefused", "NameTaken"}
    assert known <= found.keys()
    assert len(found) > 40


@pytest.mark.parametrize("reason", sorted({*reasons.reasons(), *get_args(FailureClass), "Failed"}))
def test_the_runbook_has_a_heading_for_the_reason(reason: str) -> None:
    assert reason in told()


def test_the_runbook_speaks_of_no_reason_that_is_none() -> None:
    known = {*reasons.reasons(), *get_args(FailureClass), "Failed"}
    pages = [page for page in RUNBOOK if page.name != "runbook.md"]
    words = {word for page in pages for heading in headings(page) if reasons.WORD.fullmatch(word := heading.strip("`"))}
    assert words <= known


@pytest.mark.parametrize("page", RUNBOOK, ids=lambda page: page.name)
def test_each_entry_says_what_it_is_what_to_check_and_what_to_do(page: Path) -> None:
    entries = page.read_text().split("\n### ")[1:]
    needing = [entry for entry in entries if CALM not in " ".join(entry.split())]
    lacking = {entry.splitlines()[0]: [part for part in PARTS if part not in entry] for entry in needing}
    assert not {entry: parts for entry, parts in lacking.items() if parts}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = [link for link in links(page) if "://" not in link and not _leads(page, link)]
    assert not lost


def _leads(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target)


@pytest.mark.parametrize("page", sorted(GUIDE.rglob("*.md")), ids=lambda page: page.name)
def test_a_page_of_the_guide_is_short_and_in_the_index(page: Path) -> None:
    assert len(page.read_text().splitlines()) <= 300
    index = GUIDE / "README.md"
    assert page == index or page.name in {link.partition("#")[0] for link in links(index)}
