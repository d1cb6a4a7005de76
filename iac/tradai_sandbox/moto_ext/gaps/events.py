"""EventBridge: functions as targets of rules, which moto cannot deliver to.

Must never run a function on the thread of a request.
"""

import copy
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.utils import get_backend
from moto.events import models

from tradai_sandbox.moto_ext import functions
from tradai_sandbox.moto_ext.gaps.patching import wrap

_ENABLED = "ENABLED"


def repair() -> None:
    """Let events reach functions."""
    wrap(models.Rule, send_to_targets=_also_to_functions)


def matching(account: str, region: str, event: Any) -> list[Any]:
    """The enabled rules of the default bus with a target that take this event."""
    rules = models.events_backends[account][region].event_buses["default"].rules.values()
    return [
        r for r in rules if r.state == _ENABLED and r.targets and r.event_pattern.matches_event(copy.deepcopy(event))
    ]


def _also_to_functions(original: Any) -> Any:
    def send_to_targets(self: Any, original_event: Any, transform_input: bool = True) -> None:
        own = [target for target in self.targets if _is_function(target)]
        if own and self.state == _ENABLED and self.event_pattern.matches_event(copy.deepcopy(original_event)):
            for target in own:
                functions.start(_function(target["Arn"]), _as_delivered(original_event))
        rest = copy.copy(self)
        rest.targets = [target for target in self.targets if not _is_function(target)]
        original(rest, original_event, transform_input)

    return send_to_targets


def _is_function(target: dict[str, Any]) -> bool:
    return str(target["Arn"]).split(":")[2] == "lambda"


def _function(arn: str) -> Any:
    _, _, _, region, account, *_ = arn.split(":")
    return get_backend(account, region).get_function(arn)


def _as_delivered(event: Any) -> dict[str, Any]:
    """moto keeps the time as seconds; events carry it as text."""
    time = event.get("time")
    if not isinstance(time, int | float):
        return dict(event)
    return {**event, "time": datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
