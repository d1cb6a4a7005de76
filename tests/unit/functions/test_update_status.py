"""What a word of a workflow changes."""

from hypothesis import given
from hypothesis import strategies as st

from update_status.logic import DETAIL_CHARACTERS, UpdateStatus, changes

EVENT = {"request": {"run_id": "r"}, "execution_arn": "arn", "status": "completed"}
LEAF = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAF, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def test_a_success_says_where_the_results_are() -> None:
    event = UpdateStatus.model_validate(EVENT | {"detail": {"task_arn": "t", "results_bucket": "b"}})
    assert changes(event) == {"execution_arn": "arn", "task_arn": "t", "results_bucket": "b"}


def test_a_long_cause_is_cut() -> None:
    error = {"Error": "States.TaskFailed", "Cause": "x" * 300_000}
    event = UpdateStatus.model_validate(EVENT | {"status": "failed", "detail": {"error": error}})
    assert changes(event)["error"] == {"Error": "States.TaskFailed", "Cause": "x" * DETAIL_CHARACTERS}


@given(st.dictionaries(st.sampled_from(["error", "errors", "valid", "request"]) | st.text(), JSON))
def test_any_detail_of_an_execution_leaves_an_item_that_dynamodb_takes(detail: dict[str, object]) -> None:
    event = UpdateStatus.model_validate(EVENT | {"status": "failed", "detail": detail})
    assert len(repr(changes(event))) < 400_000
