"""How a run goes and how it ended is read whichever version of the runner says it: what is new is passed over."""

import json
from pathlib import Path
from typing import Any, Final

from tests.unit.runner.objects import Objects
from tradai_iac.failure import Failure
from tradai_runner.contract import Progress, RunResult
from tradai_runner.journal.address import RunAddress
from tradai_runner.journal.bucket import Beat, BucketJournal
from tradai_runner.journal.local import RunJournal

RESULT: Final = RunResult(
    run_id="r1", layer="edge", operation="up", outcome="failed", failure=Failure(kind="Quota", error="used up")
)
ADDRESS: Final = RunAddress(bucket="b", region="eu-central-1", project="tradai-edge", stack="dev", run_id="r1")


def newer(model: Any, **changes: Any) -> dict[str, Any]:
    """As a later version would write it: every object of it has a field more."""
    return {**_with_more(json.loads(model.model_dump_json())), **changes}


def _with_more(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_more(item) for key, item in value.items()} | {"new_in_2": {"a": 1}}
    return [_with_more(item) for item in value] if isinstance(value, list) else value


def test_a_result_of_a_newer_runner_is_read_in_both_journals(tmp_path: Path) -> None:
    told = newer(RESULT, outputs={})
    (tmp_path / "result.json").write_text(json.dumps(told))
    assert RunJournal(tmp_path).result() == RESULT
    store: Any = Objects({})
    journal = BucketJournal(ADDRESS, store)
    journal._put("result.json", json.dumps(told).encode())
    assert journal.result() == RESULT


def test_a_kind_of_failure_that_is_not_known_is_said_in_words(tmp_path: Path) -> None:
    told = newer(RESULT, outputs={})
    told["failure"] |= {"kind": "Weather"}
    (tmp_path / "result.json").write_text(json.dumps(told))
    result = RunJournal(tmp_path).result()
    assert result is not None
    assert result.failure is not None
    assert (result.failure.kind, result.failure.error) == ("Unknown", "Weather: used up")


def test_progress_and_beats_too(tmp_path: Path) -> None:
    progress = Progress(phase="running", current="x")
    (tmp_path / "events.jsonl").write_text(json.dumps(newer(progress)) + "\n")
    assert RunJournal(tmp_path).progress() == progress
    beat = Beat(user="u", host="h", since=1.0, at=2.0, count=1, progress=progress)
    store: Any = Objects({})
    journal = BucketJournal(ADDRESS, store)
    journal._put("beat.json", json.dumps(newer(beat)).encode())
    assert journal.beat() == beat
