"""What pulumi-drift-detector asks of a runner and reads of it is what the runner understands and says."""

import json
from pathlib import Path

from tradai_runner.bucket.keys import drift_key, journal_key
from tradai_runner.contract import REQUESTS, DriftCheck, RunResult
from tradai_runner.drift.report import DriftReport
from tradai_runner.drift.row import row_of
from tradai_runner.journal.address import RunAddress

#: The function's side is tests/unit/functions/test_pulumi_drift_detector.py.
BORDER = json.loads(Path(__file__).with_name("look_of_the_detector.json").read_text())


def test_what_it_asks_is_a_look_for_drift_and_nothing_else() -> None:
    asked = REQUESTS.validate_python(BORDER["request"])
    assert isinstance(asked, DriftCheck)
    assert (asked.assume_role_arn, asked.passphrase_file, asked.secret_files) == (None, None, {})
    assert asked.drift.ignore[0].reason == "a team tags by hand"


def test_its_address_is_a_run_of_the_layers_stack() -> None:
    run = RunAddress.parse(BORDER["address"])
    assert run == RunAddress.of(REQUESTS.validate_python(BORDER["request"]), "tradai-compute")
    file = journal_key(run.project, run.stack, run.run_id, "request.json")
    assert file == ".tradai/runs/tradai-compute/dev/look-1/journal/request.json"


def test_what_it_reads_is_a_result() -> None:
    result = RunResult.read(json.dumps(BORDER["result"]))
    assert result.drift and result.drift.drifted
    written = json.loads(result.model_dump_json())
    assert {name: written[name] for name in ("outcome", "finished_at")} == {
        name: BORDER["result"][name] for name in ("outcome", "finished_at")
    }
    assert written["drift"].items() >= {"missing": 1, "ignored": 2, "changed": 0, "unexpected": 0}.items()


def test_its_row_has_the_shape_of_the_runners_own() -> None:
    report = DriftReport(run_id="r", layer="compute", environment="dev", stack="tradai-compute-dev", checked_at=0.0)
    key = drift_key("tradai-compute", "dev", "json")
    assert set(row_of(report, key)) == set(BORDER["row"])
    assert BORDER["row"]["report"] == key
