"""`python -m tools.bench [SCENARIO ...] [--minutes N]`: measures, prints a table, writes `.bench/latest.json`.

Must never exit with an error for a missed target: it tells, people judge.
"""

import argparse
import json
import subprocess
import sys
import time
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
    said = parser.parse_args()
    if unknown := set(said.scenarios) - SCENARIOS.keys():
        parser.error(f"no scenario {', '.join(sorted(unknown))}: there are {', '.join(SCENARIOS)}")
    figures: list[Figure] = []
    samples: dict[str, Any] = {}
    for name in said.scenarios or SCENARIOS:
        print(f"{name} ...", file=sys.stderr)
        began = time.monotonic()
        measured, raw = SCENARIOS[name](said.minutes)
        figures += measured
        samples[name] = raw | {"took": time.monotonic() - began}
        _write(figures, samples)
    Console().print(_table(figures))
    return 0


def _write(figures: list[Figure], samples: dict[str, Any]) -> None:
    folder = CHECKOUT / ".bench"
    folder.mkdir(exist_ok=True)
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    report = {
        "revision": revision.stdout.strip(),
        "machine": {"cores": psutil.cpu_count(), "memoryGiB": round(psutil.virtual_memory().total / 2**30)},
        "figures": [figure.as_json() for figure in figures],
        "samples": samples,
    }
    (folder / "latest.json").write_text(json.dumps(report, indent=1) + "\n")


def _table(figures: list[Figure]) -> Table:
    table = Table("scenario", "figure", "value", "target", "holds")
    for figure in figures:
        target = "" if figure.target is None else f"{figure.sense} {figure.target:g}"
        value = f"{figure.value:.2f} {figure.unit}".strip()
        table.add_row(figure.scenario, figure.name, value, target, _VERDICTS[figure.holds])
    return table


if __name__ == "__main__":
    sys.exit(main())
