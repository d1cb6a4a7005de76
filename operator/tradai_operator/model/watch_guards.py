"""What makes an environment be watched less, one row each: its schedule, what it ignores, whom it tells, idle layers.

None of them is a choice among a few values, as ladders are. Must never be refused where less is asked for: a rule of
`ignore` that goes and a layer that is built again are free.
"""

from typing import Final

from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.model.drift import Drift
from tradai_operator.model.guard_rows import Fact, Guard
from tradai_operator.model.hosts import inside_in_cel

#: What nobody has said of the schedule.
SCHEDULE_DEFAULT: Final[str] = Drift.model_fields["schedule"].default
_LAYERS: Final = sorted({layer for blueprint in BLUEPRINTS.values() for layer in blueprint.layer_names})
_SCHEDULE: Final = f"string(dyn({{}}.spec).?drift.?schedule.orValue('{SCHEDULE_DEFAULT}'))"
_NOTIFY: Final = (
    "['topicArn', 'webhookUrl'].map(k, string(dyn({0}.spec).?notify[?k].orValue(''))).join(' ') + "
    "['webhookSecretRef', 'signingSecretRef'].map(k, ' ' + string(dyn({0}.spec).?notify[?k].?name.orValue('')) "
    "+ '/' + string(dyn({0}.spec).?notify[?k].?key.orValue(''))).join('')"
)
#: The text of an environment that tells nobody.
_NOBODY: Final = "'  / /'"
_DISABLED: Final = f"{_LAYERS}.filter(l, !dyn({{}}.spec).?layers[?l].?enabled.orValue(true)).join(' ')"
_IGNORED: Final = "dyn({}.spec).?drift.?ignore.orValue([])"

WATCH_FACTS: Final = (
    Fact(
        "driftSchedule",
        _SCHEDULE,
        f"variables.protected ? '{SCHEDULE_DEFAULT}' : {_SCHEDULE.format('object')}",
    ),
    Fact("notify", _NOTIFY, _NOTIFY.format("object")),
    Fact("webhook", "string(dyn({}.spec).?notify.?webhookUrl.orValue(''))"),
    Fact("disabled", _DISABLED, _DISABLED.format("object")),
)

WATCH_GUARDS: Final = (
    Guard(
        name="spec.drift.schedule",
        lowers="variables.now.driftSchedule != variables.was.driftSchedule",
        sentence="only approvers may change spec.drift.schedule: one that hardly ever comes round would switch the "
        "look for drift off",
    ),
    Guard(
        name="spec.drift.ignore",
        lowers=f"{_IGNORED.format('object')}.exists(n, !(oldObject == null ? (variables.protected ? dyn([]) : "
        f"{_IGNORED.format('object')}) : {_IGNORED.format('oldObject')})"
        ".exists(o, o.?urn == n.?urn && o.?type == n.?type && o.?path == n.?path))",
        sentence="only approvers may add to spec.drift.ignore, which says what is no drift; anybody may remove a rule",
    ),
    Guard(
        name="spec.notify",
        lowers=f"variables.was.notify != {_NOBODY} && variables.now.notify != variables.was.notify",
        sentence="only approvers may change or remove spec.notify, which says who is notified",
    ),
    Guard(
        name="spec.notify.webhookUrl",
        lowers="variables.now.webhook != '' && variables.now.webhook != variables.was.webhook && "
        f"{inside_in_cel('variables.now.webhook')}",
        sentence="spec.notify.webhookUrl is an address inside a network (a number, a name without a dot or with one at "
        "its end, or of a cluster): write a public name, only approvers may set others",
    ),
    Guard(
        name="spec.layers.enabled",
        lowers="variables.now.disabled != '' && "
        "variables.now.disabled.split(' ').exists(l, !(l in variables.was.disabled.split(' ')))",
        sentence="only approvers may set enabled: false on a layer, which is then neither kept as declared nor "
        "looked at for drift",
    ),
)
