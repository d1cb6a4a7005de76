"""`python -m tools.bench [SCENARIO ...] [--minutes N]`: measures, prints a table, writes `.bench/latest.json`.

Must never exit with an error for a missed target: it tells, people judge.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tools.bench.figures import Figure
from tools.bench.scenarios import SCENARIOS
from tradai_sandbox.layout import CHECKOUT

_VERDICTS = {True: "[green]yes", False: "[red]no", None: ""}


def main() -> int:
    """Runs the scenarios that are named, or all."""
    parser = argparse.ArgumentParser(prog="just bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--minutes", type=float, default=10.0, help="how long `unchanged` looks on")
    parser.add_argument("--report", type=Path, default=CHECKOUT / ".bench" / "latest.json", help="where figures go")
    said = parser.parse_args()
    if unknown := set(said.scenarios) - SCENARIOS.keys():
        parser.error(f"no scenario {', '.join(sorted(unknown))}: there are {', '.join(SCENARIOS)}")
    figures: list[Figure] = []
    samples: dict[str, Any] = {}
    try:
        for name in said.scenarios or SCENARIOS:
            _measure(name, said.minutes, figures, samples)
            _write(said.report, figures, samples)
    finally:
        Console().print(_table(figures))
    return 0


def _measure(name: str, minutes: float, figures: list[Figure], samples: dict[str, Any]) -> None:
    """Adds one scenario's figures and samples."""
    print(f"{name} ...", file=sys.stderr)
    load, began = os.getloadavg()[0], time.monotonic()
    measured, raw = SCENARIOS[name](minutes)
    figures += measured
    samples[name] = raw | {"took": time.monotonic() - began, "loadBefore": load}


def _write(path: Path, figures: list[Figure], samples: dict[str, Any]) -> None:
    """Writes what is known so far: what was measured stays when a later scenario fails."""
    path.parent.mkdir(exist_ok=True)
    report = {
        "revision": _git("rev-parse", "HEAD"),
        "changed": _git("status", "--porcelain").splitlines(),
        "machine": {"cores": psutil.cpu_count(), "memoryGiB": round(psutil.virtual_memory().total / 2**30)},
        "figures": [figure.as_json() for figure in figures],
        "samples": samples,
    }
    path.write_text(json.dumps(report, indent=1) + "\n")


def _git(*words: str) -> str:
    ran = subprocess.run(
        ["git", "--no-optional-locks", *words], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return ran.stdout.strip()


def _table(figures: list[Figure]) -> Table:
    table = Table("scenario", "figure", "value", "target", "holds")
    for figure in figures:
        target = "" if figure.target is None else f"{figure.sense} {figure.target:g}"
        value = f"{figure.value:.2f} {figure.unit}".strip()
        table.add_row(figure.scenario, figure.name, value, target, _VERDICTS[figure.holds])
    return table


if __name__ == "__main__":
    sys.exit(main())
