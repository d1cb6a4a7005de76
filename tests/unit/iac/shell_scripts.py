"""How tests ask shellcheck about a script; it comes from the virtual environment as pytest does.

Must never pass over a finding.
"""

import subprocess
import sys
from pathlib import Path


def complaints(script: str) -> str:
    """What shellcheck has against a bash script, empty where nothing."""
    command = [str(Path(sys.executable).with_name("shellcheck")), "--shell=bash", "-"]
    done = subprocess.run(command, input=script, text=True, capture_output=True, check=False)
    return done.stdout + done.stderr
