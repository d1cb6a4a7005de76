"""What lowers a guard, one row each: who may not approve can do none of it (DESIGN §4, last but one point).

Data: expressions in CEL over what the policy of `admission` declares (`variables.now`, `variables.was`, ...), and
sentences. Must never name a user or a role; who may approve is a matter of RBAC.
"""

from typing import Final, get_args

from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.model import keys
from tradai_operator.model.drift import Drift, DriftPolicy
from tradai_operator.model.durations import UNITS, parse_duration
from tradai_operator.model.guard_rows import Fact, Guard, Ladder
from tradai_operator.model.program import Update
from tradai_operator.model.spec import Approval, DeletionPolicy, EnvironmentSpec
from tradai_operator.model.watch_guards import WATCH_FACTS, WATCH_GUARDS
from tradai_runner.contract import Durability

#: The environments that start with their guards up (002 §10, deletion protection), also where nothing stood before.
#: What did is held to its former guards by the operator, which knows of it (`decide.adoption`).
PROTECTED: Final = tuple(sorted({stage for blueprint in BLUEPRINTS.values() for stage in blueprint.protected}))


LADDERS: Final = (
    Ladder(
        "deletionPolicy",
        "deletionPolicy",
        get_args(DeletionPolicy),
        EnvironmentSpec.model_fields["deletion_policy"].default,
    ),
    Ladder("approval", "approval", get_args(Approval), EnvironmentSpec.model_fields["approval"].default),
    Ladder("programUpdate", "program.update", get_args(Update), "Auto"),
    Ladder("driftPolicy", "drift.policy", get_args(DriftPolicy), Drift.model_fields["policy"].default),
    Ladder("driftEnabled", "drift.enabled", ("true", "false"), "true"),
    # what stands without a word is as it always was
    Ladder("durability", "state.durability", get_args(Durability), "Sync", reported="status.guards.durability"),
)


def _annotation(name: str, key: str) -> Fact:
    return Fact(name, f"string({{}}.metadata.?annotations[?'{key}'].orValue(''))")


#: The windows as one text; without any, changes may begin at every time.
_WINDOWS: Final = (
    "{}.spec.?maintenance.?windows.orValue([])"
    ".map(w, w.schedule + ' ' + w.duration + ' ' + w.?timezone.orValue('UTC')).join('; ')"
)
_TTL: Final = "string({}.spec.?ttl.orValue(''))"
#: Finalizers that the API server's own garbage collector sets and takes off, whoever deletes.
_COLLECTORS: Final = ("foregroundDeletion", "orphan")
_HOLDS: Final = f"{{}}.metadata.?finalizers.orValue([]).filter(f, !(f in {[keys.FINALIZER, *_COLLECTORS]})).join(' ')"
_OWNERS: Final = (
    "{}.metadata.?ownerReferences.orValue([])"
    ".map(o, o.apiVersion + '/' + o.kind + '/' + o.name + '/' + string(o.uid)).join(' ')"
)

FACTS: Final = (
    _annotation("approve", keys.APPROVE),
    _annotation("approvedBy", keys.APPROVED_BY),
    _annotation("abandon", keys.ABANDON),
    _annotation("confirmDestroy", keys.CONFIRM_DESTROY),
    _annotation("migrate", keys.MIGRATE),
    _annotation("handover", keys.HANDOVER),
    _annotation("openWindow", keys.OPEN_WINDOW),
    _annotation("openedBy", keys.OPENED_BY),
    _annotation("lowerGuards", keys.LOWER_GUARDS),
    Fact("owners", _OWNERS),
    Fact("holds", _HOLDS),
    Fact("windows", _WINDOWS, _WINDOWS.format("object")),
    Fact("ttl", _TTL, _TTL.format("object")),
    *WATCH_FACTS,
    *(ladder.fact for ladder in LADDERS),
)


def _set(name: str) -> str:
    """CEL: a text was set or changed. Taking it away lowers nothing."""
    return f"variables.now.{name} != '' && variables.now.{name} != variables.was.{name}"


def _steering(name: str, key: str, effect: str) -> Guard:
    return Guard(name=key, lowers=_set(name), sentence=f"{key} {effect}, which only approvers may do")


def _seconds(text: str) -> str:
    """CEL: the seconds of a duration (`durations`); CEL's own durations know no days."""
    units = {unit: int(parse_duration(f"1{unit}").total_seconds()) for unit in UNITS}
    return (
        f"{text}.findAll('[0-9]+[{''.join(UNITS)}]')"
        f".map(part, int(part.substring(0, part.size() - 1)) * {units}[part.substring(part.size() - 1)]).sum()"
    )


GUARDS: Final = (
    _steering("approve", keys.APPROVE, "approves a plan"),
    Guard(
        name="approve in one's own name",
        lowers=_set("approve"),
        unless="variables.now.approvedBy == variables.user",
        sentence=f"an approval names its author: set {keys.APPROVED_BY} beside {keys.APPROVE} to your own name, ",
        then="variables.user",
    ),
    Guard(
        name=keys.APPROVED_BY,
        lowers="variables.now.approvedBy != variables.was.approvedBy",
        unless=f"({_set('approve')}) || (variables.now.approve == '' && variables.now.approvedBy == '')",
        sentence=f"{keys.APPROVED_BY} says who approved and may only change together with "
        f"{keys.APPROVE}: remove both, and let the approver set both",
        then=None,
    ),
    _steering("confirmDestroy", keys.CONFIRM_DESTROY, "allows data to be destroyed"),
    _steering("abandon", keys.ABANDON, "releases the environment and leaves everything in AWS"),
    _steering("migrate", keys.MIGRATE, "allows a change of a value that never changes"),
    _steering("handover", keys.HANDOVER, "takes an environment over from another resource"),
    _steering("lowerGuards", keys.LOWER_GUARDS, "lowers the guards that the environment had before"),
    _steering("openWindow", keys.OPEN_WINDOW, "lets changes begin outside the maintenance windows"),
    Guard(
        name="open a window in one's own name",
        lowers=_set("openWindow"),
        unless="variables.now.openedBy == variables.user",
        sentence=f"an approver who overrides the windows is named: set {keys.OPENED_BY} beside {keys.OPEN_WINDOW} "
        "to your own name, ",
        then="variables.user",
    ),
    Guard(
        name=keys.OPENED_BY,
        lowers="variables.now.openedBy != variables.was.openedBy",
        unless=f"({_set('openWindow')}) || (variables.now.openWindow == '' && variables.now.openedBy == '')",
        sentence=f"{keys.OPENED_BY} says which approver overrode the windows and may only change together with "
        f"{keys.OPEN_WINDOW}",
        then=None,
    ),
    Guard(
        name="spec.maintenance",
        lowers="variables.was.windows != '' && variables.now.windows != variables.was.windows",
        sentence="spec.maintenance keeps changes within its windows; only approvers may change or remove them",
    ),
    *WATCH_GUARDS,
    *(ladder.guard for ladder in LADDERS),
    Guard(
        name="spec.ttl",
        lowers="variables.now.ttl != '' && variables.now.ttl != variables.was.ttl && (variables.was.ttl == '' || "
        f"{_seconds('variables.now.ttl')} < {_seconds('variables.was.ttl')})",
        sentence="spec.ttl ends the environment with all its data; only approvers may set or shorten it after the "
        "creation",
    ),
    Guard(
        name=keys.FINALIZER,
        lowers=f"oldObject != null && '{keys.FINALIZER}' in oldObject.metadata.?finalizers.orValue([]) && "
        f"!('{keys.FINALIZER}' in object.metadata.?finalizers.orValue([]))",
        unless="variables.operator || variables.approver",
        sentence=f"without the finalizer {keys.FINALIZER} the resource would be gone at once and everything in AWS "
        "left behind; keep it (`kubectl apply` does, `kubectl replace` drops it), only approvers may remove it",
    ),
    Guard(
        name="metadata.finalizers",
        lowers="variables.now.holds != variables.was.holds",
        unless="variables.operator || variables.approver",
        sentence="a finalizer that is not the operator's own blocks the deletion until somebody removes it: only "
        "approvers may add or remove one",
    ),
    Guard(
        name="metadata.ownerReferences",
        # taking one away is free: the garbage collector does, and nothing is deleted by it
        lowers="variables.now.owners != '' && "
        "variables.now.owners.split(' ').exists(o, !(o in variables.was.owners.split(' ')))",
        unless="variables.operator || variables.approver",
        sentence="an owner reference makes the garbage collector delete the environment when that owner does not "
        "exist, even for people who may not delete it: leave it out, only approvers may add one",
    ),
)
