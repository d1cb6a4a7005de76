"""What a word of a workflow changes in a job. Must never call AWS or read the clock."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from shared.base import Frozen

#: What may stand in an item beside all else: DynamoDB takes 400 kB together, and an error's cause may be a whole log.
DETAIL_CHARACTERS: Final = 4000
_ERRORS: Final = 20
_HANDED_ON: Final = ("task_arn", "results_bucket")

Word = Literal["running", "completed", "failed", "timed_out"]


class Whose(Frozen):
    """The request of the execution, as far as it says whose job it is."""

    run_id: str


class UpdateStatus(Frozen):
    """The event: `detail` is the execution's data, with `error` where a state failed."""

    request: Whose
    execution_arn: str
    status: Word
    detail: Mapping[str, Any] = {}


def changes(event: UpdateStatus) -> dict[str, Any]:
    """The attributes that the word brings with it."""
    said: dict[str, Any] = {key: event.detail[key] for key in _HANDED_ON if key in event.detail}
    if error := event.detail.get("error"):
        said["error"] = bounded(error)
    if isinstance(refused := event.detail.get("errors"), list):
        said["errors"] = [str(each)[:DETAIL_CHARACTERS] for each in refused[:_ERRORS]]
    return {"execution_arn": event.execution_arn, **said}


def bounded(error: Any) -> dict[str, str]:
    """`{"Error": …, "Cause": …}` of Step Functions, cut to what an item takes."""
    said = error if isinstance(error, Mapping) else {"Cause": error}
    return {str(key): str(value)[:DETAIL_CHARACTERS] for key, value in said.items()}
