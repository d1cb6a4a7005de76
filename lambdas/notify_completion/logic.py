"""What people are told of a run's end. Must never call AWS, nor fail for what is odd in a run: it is odd runs that
people have to hear of.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pydantic import Field

from notify_completion.causes import line, reasons
from shared.base import Frozen

#: What of a request is worth a line, by the name that people give it.
_LINES: Final = {
    "Model": "model_name",
    "Strategy": "strategy",
    "Pairs": "pairs",
    "Timeframe": "timeframe",
    "Range (UTC)": "timerange",
    "Job": "job_id",
    "Trace": "trace_id",
}


class NotifyCompletion(Frozen):
    """The event: `request` as it came in, which may be what was refused; `detail` is the execution's data."""

    request: Any = None
    execution_arn: str = Field(min_length=1, max_length=1024)
    workflow: Literal["backtest", "retraining"]
    outcome: Literal["completed", "failed"]
    detail: Mapping[str, Any] = {}

    @property
    def notification_id(self) -> str:
        """One end of one execution is one notification."""
        return f"{self.execution_arn}#{self.outcome}"

    @property
    def kind(self) -> str:
        """The message's kind, for machines."""
        return f"{self.workflow}-{self.outcome}"

    def said(self, key: str) -> str:
        """What the request says for a key, as one line; empty where it says nothing."""
        return line(self.request[key]) if isinstance(self.request, Mapping) and self.request.get(key) else ""


def subject(event: NotifyCompletion) -> str:
    """`backtest failed: MyStrategy (job 7)`."""
    what = event.said("model_name") or event.said("strategy") or "an unnamed request"
    job = f" (job {event.said('job_id')})" if event.said("job_id") else ""
    return f"{event.workflow} {event.outcome}: {what}{job}"


def sentences(event: NotifyCompletion) -> list[str]:
    """The message's lines."""
    return [*_verdict(event), "", *_facts(event)]


def _verdict(event: NotifyCompletion) -> Iterator[str]:
    detail = event.detail
    if event.outcome == "failed":
        yield f"The {event.workflow} has failed: {'; '.join(reasons(detail)) or 'see the execution.'}"
        if "cleanup_error" in detail:
            yield "Its clean-up has failed too: a task of the run may still be up and cost money. Look at the cluster."
        if "status_error" in detail:
            yield "Its status could not be written down: it may still say that the run goes on."
    elif event.workflow == "backtest":
        yield "The backtest has completed."
    elif "promotion" in detail:
        yield "The retraining has completed, and the new version is the champion now."
    else:
        yield "The retraining has completed, and the champion stays."


def _facts(event: NotifyCompletion) -> Iterator[str]:
    yield from (f"{name}: {event.said(key)}" for name, key in _LINES.items() if event.said(key))
    if task := event.detail.get("task_arn"):
        yield f"Task: {line(task)}"
    yield f"Execution: {line(event.execution_arn)}"


def kept(event: NotifyCompletion) -> dict[str, str]:
    """What the table says beside the delivery."""
    job = event.said("job_id")
    return {"execution_arn": event.execution_arn, "kind": event.kind, **({"job_id": job} if job else {})}
