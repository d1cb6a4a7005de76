"""The first day of an account, played whole against a sandbox: every step is as it should be, and nothing is left."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.documents.manifests import EXAMPLES
from tests.e2e.environment import Deployed
from tools.smoke.steps import STEPS


@pytest.mark.timeout(1800)
def test_every_step_of_the_first_day_is_as_it_should_be(new_sandbox: Callable[[], Deployed], tmp_path: Path) -> None:
    sandbox, report = new_sandbox(), tmp_path / "report.json"
    words = ["--sandbox", str(sandbox.layout.root), "--yes", "--report", str(report)]
    command = [sys.executable, "-m", "tools.smoke", str(EXAMPLES / "env-dev.yaml"), *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{ran.stdout[-3000:]}\n{ran.stderr}"
    seen = json.loads(report.read_text())
    assert [row["step"] for row in seen] == [step.name for step in STEPS]
    assert seen[1]["stands"] > seen[-2]["stands"] > seen[-1]["stands"] == 1, "the state bucket is left"
