"""CloudWatch: composite alarms, whose state follows from their rule whenever anybody looks; what outlives an update.

moto stores a rule and never looks at it, and shows composite alarms to whoever asks for metric alarms. Must never
evaluate a metric: the states of metric alarms are set from outside (SetAlarmState).
"""

from collections.abc import Iterable
from typing import Any, Final

from moto.cloudwatch import models, responses
from moto.cloudwatch.exceptions import ValidationError

from tradai_sandbox.moto_ext.gaps.alarm_rules import AlarmRuleError, Condition, parse
from tradai_sandbox.moto_ext.gaps.patching import add, wrap

_STATE: Final = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")
_KINDS: Final = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms"}
#: AWS's bound on the alarms that one rule names.
_MAX_CHILDREN: Final = 100


def repair() -> None:
    """Add the operation, make the others know composite alarms."""
    add(responses.CloudWatchResponse, put_composite_alarm)
    wrap(responses.CloudWatchResponse, describe_alarms=_by_kind, put_metric_alarm=_one_result)
    wrap(
        models.CloudWatchBackend,
        put_metric_alarm=_keeps_state,
        describe_alarms=_evaluated,
        get_alarms_by_action_prefix=_evaluated,
        get_alarms_by_alarm_name_prefix=_evaluated,
        get_alarms_by_alarm_names=_evaluated,
        get_alarms_by_state_value=_evaluated,
        delete_alarms=_guarded,
    )


def put_composite_alarm(self: Any) -> Any:
    """PutCompositeAlarm: refuses a rule that it cannot read or that names alarms which do not exist."""
    backend, name = self.cloudwatch_backend, self._get_param("AlarmName")
    condition = _parsed(self._get_param("AlarmRule"))
    if missing := sorted(condition.names - set(backend.alarms)):
        listed = ", ".join(missing)
        raise ValidationError(f"Could not save the composite alarm as alarms [{listed}] in the alarm rule do not exist")
    if name in condition.names or len(condition.names) > _MAX_CHILDREN:
        raise ValidationError(f"The alarm rule of {name} names itself or more than {_MAX_CHILDREN} alarms")
    return self.put_metric_alarm()


def _parsed(rule: str) -> Condition:
    try:
        return parse(rule)
    except AlarmRuleError as error:
        raise ValidationError(str(error)) from error


def _one_result(original: Any) -> Any:
    """An alarm on metric math watches exactly one of its queries."""

    def put_metric_alarm(self: Any) -> Any:
        queries = self._get_param("Metrics", [])
        if queries and sum(query.get("ReturnData") is not False for query in queries) != 1:
            raise ValidationError("Exactly one element of the metrics list should return data.")
        return original(self)

    return put_metric_alarm


def _keeps_state(original: Any) -> Any:
    """An update leaves the state, and the tags, as they are; a new composite alarm has no state yet."""

    def put_metric_alarm(self: Any, **given: Any) -> Any:
        had = self.alarms.get(given["name"])
        alarm = original(self, **{**given, "tags": None if had else given.get("tags")})
        if had is not None:
            vars(alarm).update({name: getattr(had, name) for name in _STATE})
        elif alarm.rule is not None:
            alarm.state_value = "INSUFFICIENT_DATA"
        return alarm

    return put_metric_alarm


def _evaluated(original: Any) -> Any:
    """The alarms as a list: moto goes through them twice, also where it has only an iterator."""

    def alarms(self: Any, *args: Any) -> Any:
        for alarm in self.alarms.values():
            if alarm.rule is not None:
                _evaluate(self, alarm)
        return list(original(self, *args))

    return alarms


def _evaluate(backend: Any, alarm: Any) -> None:
    """Bring a composite alarm to the state that its rule gives now."""
    value = _state(backend.alarms, alarm.name, frozenset())
    if value != alarm.state_value:
        alarm.update_state(f"{alarm.name} transitioned to {value} by its rule", "{}", value)


def _state(alarms: dict[str, Any], name: str, above: frozenset[str]) -> str:
    """The state of an alarm; in a circle of composite alarms, the one that was last found."""
    alarm = alarms.get(name)
    if alarm is None:
        return "INSUFFICIENT_DATA"
    if alarm.rule is None or name in above:
        return str(alarm.state_value)
    holds = parse(alarm.rule).holds(lambda child: _state(alarms, child, above | {name}))
    return "ALARM" if holds else "OK"


def _by_kind(original: Any) -> Any:
    """DescribeAlarms: metric alarms alone, unless other types are asked for."""

    def describe_alarms(self: Any) -> Any:
        answer = original(self)
        wanted = self._get_param("AlarmTypes", []) or ["MetricAlarm"]
        answer.result.update({member: [] for kind, member in _KINDS.items() if kind not in wanted})
        return answer

    return describe_alarms


def _guarded(original: Any) -> Any:
    """DeleteAlarms: one composite alarm at a time, and nothing that another one's rule names."""

    def delete_alarms(self: Any, alarm_names: list[str]) -> None:
        composite = [a for a in self.alarms.values() if a.rule is not None]
        if sum(a.name in alarm_names for a in composite) > 1:
            raise ValidationError("Only one composite alarm can be deleted at a time")
        if held := sorted(_named_by(a for a in composite if a.name not in alarm_names) & set(alarm_names)):
            them = "it" if len(held) == 1 else "them"
            raise ValidationError(
                f"Cannot delete {','.join(held)} as there are composite alarm(s) depending on {them}."
            )
        for alarm in (self.alarms[name] for name in alarm_names if name in self.alarms):
            self.tagger.delete_all_tags_for_resource(alarm.alarm_arn)
        original(self, alarm_names)

    return delete_alarms


def _named_by(alarms: Iterable[Any]) -> set[str]:
    return {name for alarm in alarms for name in parse(alarm.rule).names}
