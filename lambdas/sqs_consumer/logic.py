"""What a message of the retraining queue asks for. Must never call AWS or read the clock."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from shared.deployed import DEPLOYED
from shared.launch import Mode
from shared.queue import Message
from shared.requests import RetrainingRequest, check, sentence, whole

#: Beyond the run's own limit: for tries to start it (50 minutes), and for whoever says that it has ended.
_BESIDE: Final = timedelta(hours=2)


def request_of(
    asked: RetrainingRequest, message: Message, last: Mapping[str, str], *, today: date, family: str
) -> dict[str, str]:
    """The request of the execution, with the model's name; raises RefusedError for what cannot be trained."""
    complete = asked.over(last)
    check(complete, today=today, family=family)
    job_id = asked.job_id or message.id
    more = {"model_name": asked.model_name, **({"reason": sentence(asked.reason)} if asked.reason else {})}
    return whole(complete, job_id=job_id, trace_id=message.trace_id, **more)


def lease(mode: Mode) -> timedelta:
    """How long a run may have its model: as long as it may take at most."""
    limits = DEPLOYED.workflows["retraining"]
    seconds = limits.timeout_seconds if mode == "stepfunctions" else limits.task_timeout_seconds
    return timedelta(seconds=seconds) + _BESIDE
