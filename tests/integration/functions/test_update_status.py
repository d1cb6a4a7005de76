"""update-status on a deployed table."""

from typing import Any

import pytest

from shared.entry import RefusedError
from shared.jobs import Job, Jobs, Status
from shared.settings import SettingsError
from update_status import handler

JOB = Job(
    run_id="r1", job_id="r1", trace_id="t1", status=Status.LAUNCHING, created_at="2026-11-29T10:00:00Z", updated_at=""
)


@pytest.fixture
def jobs(deployed: Any) -> Jobs:
    handler.ENTRY.reset()
    found = Jobs(deployed.table("workflow-state").name)
    assert found.create(JOB)
    return found


def event(status: str, **detail: Any) -> dict[str, Any]:
    return {"request": {"run_id": "r1", "strategy": "S"}, "execution_arn": "arn", "status": status, "detail": detail}


def test_a_run_goes_from_launching_to_its_end(jobs: Jobs, context: Any) -> None:
    assert handler.handle(event("running"), context)["result"] == "done"
    assert handler.handle(event("completed", task_arn="t", results_bucket="b"), context)["result"] == "done"
    ended = jobs.get("r1")
    assert ended and (ended.status, ended.task_arn) == (Status.COMPLETED, "t")


def test_the_same_word_twice_changes_nothing(jobs: Jobs, context: Any) -> None:
    handler.handle(event("running"), context)
    before = jobs.table.get("r1")
    assert handler.handle(event("running"), context)["result"] == "already"
    assert jobs.table.get("r1") == before


def test_what_is_over_stays_so(jobs: Jobs, context: Any) -> None:
    jobs.move("r1", Status.CANCELLED)
    assert handler.handle(event("completed"), context)["result"] == "late"
    ended = jobs.get("r1")
    assert ended and ended.status is Status.CANCELLED


def test_a_job_that_nobody_recorded_is_told(jobs: Jobs, context: Any) -> None:
    with pytest.raises(RefusedError, match="no job r2"):
        handler.handle(event("running") | {"request": {"run_id": "r2"}}, context)


@pytest.mark.parametrize("wrong", [{}, {"request": {}}, {"request": {"run_id": "r1"}, "status": "done"}])
def test_what_is_no_event_is_refused_by_its_fields(jobs: Jobs, context: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match=r"not an event of UpdateStatus: .*execution_arn"):
        handler.handle(wrong, context)


def test_a_missing_variable_is_named(deployed: Any, context: Any) -> None:
    handler.ENTRY.reset()
    with pytest.raises(SettingsError, match="WORKFLOW_STATE_TABLE"):
        handler.handle(event("running"), context)
