"""Files out of the Go modules that `tools/` pins: manifests and definitions of what runs beside us.

Must never change what is in them.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.rings.tree import ROOT
from tools.provision import golang, host


@cache
def module(name: str, pinned_in: str = "neighbours") -> Path:
    """Where the files of a module lie that `tools/<pinned_in>` pins; Go fetches it where it is not here."""
    cache_folder = host.cache_directory()
    go = golang.ensure(ROOT, cache_folder, Path(sys.executable))
    told = subprocess.run(
        [go, "mod", "download", "-json", name],
        cwd=ROOT / "tools" / pinned_in,
        env=golang.environment(cache_folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, f"{name} cannot be fetched: {told.stdout}{told.stderr}"
    return Path(json.loads(told.stdout)["Dir"])
