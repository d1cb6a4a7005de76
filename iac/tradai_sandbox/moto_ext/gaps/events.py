"""EventBridge: functions as targets of rules, which moto cannot deliver to, targets that need a role, and rules with a
schedule alone, which hear of no event.

Must never run a function on the thread of a request.
"""

import copy
import json
import re
from datetime import UTC, datetime
from typing import Any, Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.utils import get_backend
from moto.events import models
from moto.events.exceptions import ValidationException
from moto.events.utils import EventTemplateParser

from tradai_sandbox.moto_ext.gaps.patching import wrap
from tradai_sandbox.workloads import later

_ENABLED: Final = "ENABLED"
#: Targets that are reached with a role's rights, never by a policy of their own.
_BY_ROLE: Final = re.compile(r"arn:[^:]+:(states|ecs|kinesis|firehose|batch):")


def repair() -> None:
    """Let events reach functions, and refuse what no event could reach."""
    wrap(models.Rule, send_to_targets=_also_to_functions)
    wrap(models.EventsBackend, put_targets=_with_roles)


def _with_roles(original: Any) -> Any:
    def put_targets(self: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
        for target in targets:
            if _BY_ROLE.match(target["Arn"]) and not target.get("RoleArn"):
                raise ValidationException(f"RoleArn is required for target {target['Arn']}.")
        original(self, name, event_bus_arn, targets)

    return put_targets


def matching(account: str, region: str, event: Any) -> list[Any]:
    """The enabled rules of the default bus with a target that take this event."""
    rules = models.events_backends[account][region].event_buses["default"].rules.values()
    return [rule for rule in rules if rule.targets and _takes(rule, event)]


def _takes(rule: Any, event: Any) -> bool:
    """Whether a rule is for that event; a schedule alone has no pattern, and moto's empty one takes everything."""
    pattern = rule.event_pattern
    return bool(rule.state == _ENABLED and pattern.get_pattern() and pattern.matches_event(copy.deepcopy(event)))


def _also_to_functions(original: Any) -> Any:
    def send_to_targets(self: Any, original_event: Any, transform_input: bool = True) -> None:
        if not _takes(self, original_event):
            return
        hand(self, original_event)
        rest = copy.copy(self)
        rest.targets = [target for target in self.targets if not _is_function(target)]
        original(rest, original_event, transform_input)

    return send_to_targets


def hand(rule: Any, event: Any) -> None:
    """Gives an event to the functions among a rule's targets; its pattern is not asked."""
    for target in rule.targets:
        if _is_function(target) and (function := _function(target["Arn"])) is not None:
            later.start(function, _for_target(target, event))


def _is_function(target: dict[str, Any]) -> bool:
    return str(target["Arn"]).split(":")[2] == "lambda"


def _function(arn: str) -> Any:
    """The function, or None where it is gone: who sends the event never hears of that."""
    _, _, _, region, account, *_ = arn.split(":")
    try:
        return get_backend(account, region).get_function(arn)
    except UnknownFunctionException:
        return None


def _for_target(target: dict[str, Any], event: Any) -> Any:
    """What a target gets: its own text, what its transformer makes, or the event."""
    if target.get("Input"):
        return json.loads(target["Input"])
    if transformer := target.get("InputTransformer"):
        paths, template = transformer.get("InputPathsMap", {}), transformer["InputTemplate"]
        return EventTemplateParser.parse(template, paths, _as_delivered(event))
    return _as_delivered(event)


def _as_delivered(event: Any) -> Any:
    """moto keeps the time as seconds; events carry it as text."""
    time = event.get("time")
    if not isinstance(time, int | float):
        return dict(event)
    return {**event, "time": datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
