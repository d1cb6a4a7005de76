"""One retraining message to its end: the model is taken, the run started once, or the message laid aside.

A message for a model that another run has is done: that run is what it asks for. One that has ended without a word has
it no more. Must never start anything before the run has its model.
"""

from collections.abc import Callable
from datetime import timedelta

from shared import clock
from shared.entry import RefusedError
from shared.launch import Launcher, NotLaunchedError
from shared.once import Alone, InProgressError
from shared.queue import BUSY_SECONDS, MOST_DELIVERIES, LaterError, Letters, Message, wait_seconds
from shared.requests import RetrainingRequest, read
from shared.retraining import Outcome, Retraining, Retrainings, Standing
from sqs_consumer.logic import request_of

#: Gives a model back whose run has ended without a word; says whether it did.
Settle = Callable[[Retraining], bool]


class Consumer:
    """What one invocation works with; `family` is the ARN of our task definitions, `lease` how long a run may take."""

    def __init__(
        self,
        runs: Retrainings,
        launcher: Launcher,
        letters: Letters,
        alone: Alone,
        settle: Settle,
        family: str,
        lease: timedelta,
    ) -> None:
        self._runs, self._launcher, self._letters, self._alone = runs, launcher, letters, alone
        self._settle, self._family, self._lease = settle, family, lease

    def take(self, message: Message, now: clock.Clock = clock.now) -> str:
        """What became of a message that is done; raises LaterError where it is to come back."""
        try:
            asked = read(RetrainingRequest, message.body)
            found = self._runs.get(asked.model_name)
            run_id = asked.job_id or message.id
            if found and found.has(run_id):
                return self._launched(asked.model_name, run_id, message)
            last = found.request if found else {}
            request = request_of(asked, message, last, today=now().date(), family=self._family)
        except RefusedError as error:
            self._letters.put(message, str(error))
            return "refused"
        standing = self._runs.take(asked.model_name, run_id, request, self._lease)
        if standing is Standing.BUSY and found and self._settle(found):
            standing = self._runs.take(asked.model_name, run_id, request, self._lease)
        if standing in (Standing.BUSY, Standing.OVER):
            return standing.value
        return self._launched(asked.model_name, run_id, message)

    def _launched(self, model: str, run_id: str, message: Message) -> str:
        try:
            where = self._alone(f"{model} {run_id}", lambda _: self._launch(model, run_id, message))
        except InProgressError as error:
            raise LaterError(str(error), BUSY_SECONDS) from error
        except NotLaunchedError as error:
            if not (message.last and error.known):
                raise LaterError(str(error), wait_seconds(message.received)) from error
            self._letters.put(message, str(error))
            return "given up"
        return "launched" if where else Standing.BUSY.value

    def _launch(self, model: str, run_id: str, message: Message) -> dict[str, str]:
        """Start the run where it still has its model, else nothing; nobody else is here at the same time."""
        found = self._runs.get(model)
        if found is None or not found.has(run_id):
            return {}
        if there := found.started:
            return there
        if found.asked is None:
            self._runs.note(model, run_id, asked=found.launches)
        try:
            where = self._launcher.launch(found.request, found.launches)
        except NotLaunchedError as error:
            raise self._unlaunched(found, run_id, message, error) from error
        self._runs.note(model, run_id, reason=None, asked=None, **where)
        return where

    def _unlaunched(
        self, found: Retraining, run_id: str, message: Message, error: NotLaunchedError
    ) -> NotLaunchedError:
        """The reason stands in the item each time; the model is free again where its message will not come again."""
        known = error.known and (error.spent or found.asked is None)
        told = NotLaunchedError(f"delivery {message.received} of {MOST_DELIVERIES}: {error}", known=known)
        if message.last and known:
            self._runs.release(found.model_name, run_id, Outcome.FAILED, str(told))
        else:
            settled = {"asked": None, "launches": found.launches + error.spent} if known else {}
            self._runs.note(found.model_name, run_id, reason=str(told), **settled)
        return told
