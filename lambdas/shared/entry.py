"""How a handler begins and ends: its event as a model, its settings at the cold start, logs, metrics and traces.

    ENTRY = Entry("update-status", UpdateStatus, Ground.make)

    @ENTRY
    def handle(ground: Ground, event: UpdateStatus) -> dict[str, Any]: ...

Must never swallow what a handler raises: Lambda counts it, and the caller tries again.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from pydantic import BaseModel, ValidationError

from shared.deployed import DEPLOYED

E = TypeVar("E", bound=BaseModel)
G = TypeVar("G")
Handler = Callable[[Mapping[str, Any], Any], Any]

#: Lambda says so of a process that it has started for a function, and nobody else does.
_IN_LAMBDA: Final = "AWS_LAMBDA_INITIALIZATION_TYPE"


class RefusedError(ValueError):
    """An event or a request that cannot be done, by a sentence that says what to do; trying again changes nothing."""


def parsed(model: type[E], event: object) -> E:
    """The event as its model; raises RefusedError, which names each field that is wrong."""
    try:
        return model.model_validate(event)
    except ValidationError as error:
        raise RefusedError(f"not an event of {model.__name__}: {faults(error)}") from None


def faults(error: ValidationError) -> str:
    """What is wrong with which field, without the values: those may be anybody's."""
    return "; ".join(f"{'.'.join(map(str, each['loc'])) or 'the whole'}: {each['msg']}" for each in error.errors())


class Entry(Generic[E, G]):
    """One function's border: `event` is the model of its events, `ground` makes what it works on, once a process."""

    def __init__(self, function: str, event: type[E], ground: Callable[[], G]) -> None:
        self.function = function
        self.logger = Logger(service=function, log_uncaught_exceptions=False)
        self.tracer = Tracer(service=function)
        self._event, self._make = event, ground
        self._ground: G | None = None
        #: What Lambda says of this invocation, for powertools' `register_lambda_context`.
        self.context: Any = None

    @property
    def ground(self) -> G:
        """Settings and stores; raises SettingsError where the environment lacks something."""
        if self._ground is None:
            self._ground = self._make()
        return self._ground

    def reset(self) -> None:
        """Forget what was made of an earlier environment, as a new process does; for tests."""
        self._ground = None

    def __call__(self, work: Callable[[G, E], Any]) -> Handler:
        """The function that Lambda calls."""

        def handle(event: Mapping[str, Any], context: Any) -> Any:
            self.context = context
            return work(self.ground, parsed(self._event, event))

        if os.environ.get(_IN_LAMBDA):
            _ = self.ground
        handle.__doc__ = work.__doc__
        observed: Handler = self.logger.inject_lambda_context(self.tracer.capture_lambda_handler(handle))
        return observed


def count(environment: str, metric: str, value: float) -> None:
    """One value of one metric, written at once."""
    names = DEPLOYED.metrics
    with single_metric(metric, MetricUnit.Count, value, namespace=names.namespace) as single:
        single.add_dimension(names.dimension, environment)
