"""Holds a deployed environment against the documents' values: `python tests/documents/readback.py --env dev`.

Reads the endpoint and the credentials that boto3 reads (AWS_ENDPOINT_URL, ...), prints a row a value, ends
with 1 when any disagrees. Never writes to the environment, never imports the code that deployed it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from rich.console import Console
from rich.table import Table

if not __package__:  # run by path: only then the root of the tree is not on the path
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.documents.checks import ENVIRONMENTS, Check, load_checks
from tests.documents.live import Live

REGION = "eu-central-1"


class Reading(NamedTuple):
    """A check, what was read for it, and whether the document says the same."""

    check: Check
    value: object
    agrees: bool


def readings(live: Live, checks: Iterable[Check]) -> list[Reading]:
    """Every check read against the live environment."""
    values = [(check, check.read(live)) for check in checks]
    return [Reading(check, value, check.agrees(value)) for check, value in values]


def table_of(rows: Iterable[Reading], env: str) -> Table:
    """The readings as a printable table."""
    table = Table("section", "what", "document", "read", "agree", title=f"{env}: the documents against AWS")
    for row in rows:
        mark = "yes" if row.agrees else "[red]NO[/red]"
        table.add_row(row.check.section, row.check.what, str(row.check.expected), str(row.value), mark)
    return table


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 0 when every value agrees, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Hold a deployed environment against the documents' values.")
    parser.add_argument("--env", choices=ENVIRONMENTS, required=True)
    parser.add_argument("--section", default="", help="only sections that begin like this, e.g. '002 §3'")
    parser.add_argument("--disagreements", action="store_true", help="print only the values that differ")
    chosen = parser.parse_args(arguments)
    session: Any = boto3.Session(region_name=REGION)
    checks = [check for check in load_checks(chosen.env) if check.section.startswith(chosen.section)]
    rows = readings(Live(session.client, chosen.env), checks)
    wrong = [row for row in rows if not row.agrees]
    console = Console(width=None if sys.stdout.isatty() else 220)
    console.print(table_of(wrong if chosen.disagreements else rows, chosen.env))
    console.print(f"{len(rows) - len(wrong)} of {len(rows)} values agree")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
