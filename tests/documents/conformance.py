"""Holds the running environments against every row of the documents' tables: `just conformance`.

Prints the counts and every row that disagrees, ends with 1 when there is any; `--write docs/CONFORMANCE.md` writes the
page. Reads the endpoint and the credentials that boto3 reads. Never deploys anything: it says how.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError

if not __package__:  # run by path: only then the root of the tree is not on the path
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.documents.checks import ENVIRONMENTS
from tests.documents.live import Live, Missing
from tests.documents.page import page
from tests.documents.readback import REGION
from tests.documents.readers import READERS
from tests.documents.verdicts import Verdict, counted, verdicts

HOW = """\
dev, staging and prod have to stand side by side, as the documents want them:

  just sandbox-up && . .sandbox/env
  python tests/documents/manifests.py | kubectl apply --server-side -f -
  for env in dev staging prod; do just lambda-bootstrap $env && just service-push-all $env; done
  kubectl wait tradaienv --all -n tradai --for=condition=Ready --timeout=20m
"""


def main(arguments: list[str] | None = None) -> int:
    """Print what was found; 0 when no row disagrees, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Hold dev, staging and prod against the documents' tables.")
    parser.add_argument("--write", type=Path, help="where the page goes, e.g. docs/CONFORMANCE.md")
    chosen = parser.parse_args(arguments)
    session: Any = boto3.Session(region_name=REGION)
    try:
        found = _verdicts({env: Live(session.client, env) for env in ENVIRONMENTS})
    except BotoCoreError as error:
        found = f"AWS does not answer: {error}"
    if isinstance(found, str):
        print(f"{found}\n{HOW}", file=sys.stderr)
        return 1
    if chosen.write:
        chosen.write.write_text(page(found), encoding="utf-8")
    return _report(found)


def _verdicts(lives: dict[str, Live]) -> list[Verdict] | str:
    """Every verdict, or which environment is not there."""
    for env, live in lives.items():
        if isinstance(live.facts("vpc", f"tradai-vpc-{env}", READERS["vpc"]), Missing):
            return f"{env} is not deployed here."
    return verdicts(lives)


def _report(found: Sequence[Verdict]) -> int:
    wrong = [verdict for verdict in found if not verdict.stands]
    for verdict in wrong:
        print(f"{verdict.table.section}, {verdict.table.title}: {' | '.join(verdict.row.cells)}")
        for env, read in verdict.readings.items():
            for reading in read:
                if not reading.agrees:
                    print(f"  {env}: {reading.check.what} is {reading.value}, not {reading.check.expected}")
        for place in verdict.lost:
            print(f"  not in this tree: {place}")
    number = counted(found)
    decisions = {v.row.decision.title for v in found if v.row.decision}
    print(
        f"{number['rows']} rows: {number['agrees']} agree, {number['decision']} by decision "
        f"({len(decisions)} decisions), {number['disagrees']} disagree"
    )
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
