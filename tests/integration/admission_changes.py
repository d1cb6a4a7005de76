"""What people try with an environment, and who may: one row a try, judged for every user.

Data. `{me}` in a value is the name of whoever tries, `{namespace}` that of the namespace, `{admission}` its uid. Who
may not look, may nothing (the viewer is in no row).
"""

from dataclasses import dataclass
from typing import Any

from tests.fakes.bodies import body
from tests.integration.admission_api import ADMIN, OPERATOR
from tradai_operator.model import keys

VIEWER, EDITOR, APPROVER = "vera", "edgar", "april"
#: Approves the environment `prod` and no other.
ON_CALL = "oskar"
#: Has `verbs: ["*"]` on environments.
GITOPS = "system:serviceaccount:admission:gitops"
USERS = (VIEWER, EDITOR, APPROVER, ON_CALL, GITOPS, ADMIN, OPERATOR)

WRITERS = frozenset({EDITOR, APPROVER, ON_CALL, GITOPS, ADMIN})
APPROVERS = frozenset({APPROVER, ADMIN})
#: By its own rights the operator patches environments, so a row of `WRITERS` holds for it too.
PATCHERS = WRITERS | {OPERATOR}
NOBODY: frozenset[str] = frozenset()

#: What the garbage collector looks for and does not find.
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "nobody", "uid": "invented"}
#: The namespace that every cluster has; a namespaced resource may have an owner that is not.
OWNED = {"apiVersion": "v1", "kind": "Namespace", "name": "{namespace}", "uid": "{admission}"}
RENAMED = OWNED | {"name": "gone"}
FLAGGED = OWNED | {"blockOwnerDeletion": False}

_STATE = body()["spec"]["state"]

#: Name → annotations, spec, finalizers of what stands before anybody tries.
STANDING: dict[str, tuple[dict[str, str], dict[str, Any], list[str]]] = {
    "plain": ({}, {}, []),
    "prod": ({}, {"environment": "prod"}, []),
    "approved": ({keys.APPROVE: "sha256:1", keys.APPROVED_BY: "april"}, {}, []),
    "steered": ({keys.CONFIRM_DESTROY: "dev", keys.ABANDON: "no", keys.MIGRATE: "a,b"}, {}, []),
    "retained": ({}, {"deletionPolicy": "Retain"}, []),
    "wide": ({}, {"deletionPolicy": "Everything"}, []),
    "staying": ({}, {"environment": "eph-2", "deletionPolicy": "Everything"}, []),
    "ending": ({}, {"environment": "eph-1", "deletionPolicy": "Everything", "ttl": "72h"}, []),
    "windowed": ({}, {"maintenance": {"windows": [{"schedule": "0 22 * * SAT", "duration": "4h"}]}}, []),
    "overridden": ({keys.OPEN_WINDOW: "2027-01-15T08:00:00Z", keys.OPENED_BY: "april"}, {}, []),
    "pinned": ({}, {"program": {"update": "Manual", "version": "1"}}, []),
    "grouped": ({}, {"state": _STATE | {"durability": "Group"}}, []),
    "synchronous": ({}, {"state": _STATE | {"durability": "Sync"}}, []),
    "watched": ({}, {"drift": {"enabled": True}}, []),
    "held": ({}, {}, ["someone/else", keys.FINALIZER]),
    "owned": ({}, {}, []),
    "collected": ({}, {}, ["foregroundDeletion"]),
}


@dataclass(frozen=True)
class Change:
    """A merge patch of a standing environment, those who may, and a part of what the others are told."""

    name: str
    of: str
    patch: dict[str, Any]
    may: frozenset[str]
    says: str = "ask someone for whom `kubectl auth can-i approve tradaienvironments/"


def _notes(**values: str | None) -> dict[str, Any]:
    return {"metadata": {"annotations": {f"{keys.GROUP}/{k.replace('_', '-')}": v for k, v in values.items()}}}


def _spec(**values: Any) -> dict[str, Any]:
    return {"spec": values}


_ONE = frozenset({APPROVER})
_TOGETHER = "may only change together with"

CHANGES = (
    Change("a label", "plain", {"metadata": {"labels": {"team": "x"}}}, PATCHERS),
    Change("suspend", "plain", _spec(suspend=True), PATCHERS),
    Change("retry and cancel", "plain", _notes(retry="1", cancel="run-1"), PATCHERS),
    Change("an approval in one's own name", "plain", _notes(approve="sha256:1", approved_by="{me}"), APPROVERS),
    Change(
        "an approval of the one environment",
        "prod",
        _notes(approve="sha256:1", approved_by="{me}"),
        APPROVERS | {ON_CALL},
    ),
    Change("an approval in another's name", "plain", _notes(approve="sha256:1", approved_by="bob"), NOBODY, ""),
    Change("an approver's name on an approval", "plain", _notes(approve="sha256:1", approved_by="april"), _ONE, ""),
    Change("an approval in nobody's name", "plain", _notes(approve="sha256:1"), NOBODY, ""),
    Change("an approval's plan", "approved", _notes(approve="sha256:2", approved_by="{me}"), APPROVERS),
    Change("an approval's plan under the old name", "approved", _notes(approve="sha256:2"), _ONE, ""),
    Change("an approval's author", "approved", _notes(approved_by="bob"), NOBODY, _TOGETHER),
    Change("an approval's author to none", "approved", _notes(approved_by=None), NOBODY, _TOGETHER),
    Change("an author without an approval", "plain", _notes(approved_by="april"), NOBODY, _TOGETHER),
    Change("an approval taken back", "approved", _notes(approve=None, approved_by=None), PATCHERS),
    Change("confirming a destroy", "plain", _notes(confirm_destroy="dev"), APPROVERS),
    Change("confirming a destroy elsewhere", "steered", _notes(confirm_destroy="prod"), APPROVERS),
    Change("abandoning", "plain", _notes(abandon="dev"), APPROVERS),
    Change("permitting a migration", "plain", _notes(migrate="table-key:results"), APPROVERS),
    Change("permitting one more migration", "steered", _notes(migrate="a,b,c"), APPROVERS),
    Change("taking all that back", "steered", _notes(confirm_destroy=None, abandon=None, migrate=None), PATCHERS),
    Change("a wider deletion", "plain", _spec(deletionPolicy="All"), APPROVERS),
    Change("the widest deletion", "retained", _spec(deletionPolicy="Everything"), APPROVERS),
    Change("the default deletion after a narrower", "retained", _spec(deletionPolicy=None), APPROVERS),
    Change("the default deletion after a wider", "wide", _spec(deletionPolicy=None), PATCHERS),
    Change("a narrower deletion", "plain", _spec(deletionPolicy="Retain"), PATCHERS),
    Change(
        "overriding the windows", "windowed", _notes(open_window="2027-01-15T08:00:00Z", opened_by="{me}"), APPROVERS
    ),
    Change("overriding in another's name", "windowed", _notes(open_window="x", opened_by="bob"), NOBODY, ""),
    Change("overriding in nobody's name", "windowed", _notes(open_window="2027-01-15T08:00:00Z"), NOBODY, ""),
    Change("overriding again under the old name", "overridden", _notes(open_window="2027-01-15T09:00:00Z"), _ONE, ""),
    Change("who overrode", "overridden", _notes(opened_by="bob"), NOBODY, _TOGETHER),
    Change("an override taken back", "overridden", _notes(open_window=None, opened_by=None), PATCHERS),
    Change("no windows", "windowed", _spec(maintenance=None), APPROVERS),
    Change("windows", "plain", _spec(maintenance=STANDING["windowed"][1]["maintenance"]), PATCHERS),
    Change(
        "another window",
        "windowed",
        _spec(maintenance={"windows": [{"schedule": "* * * * *", "duration": "1h"}]}),
        APPROVERS,
    ),
    Change(
        "the same window in more words",
        "windowed",
        _spec(maintenance={"windows": [{"schedule": "0 22 * * SAT", "duration": "4h", "timezone": "UTC"}]}),
        PATCHERS,
    ),
    Change("a later version", "pinned", _spec(program={"update": "Manual", "version": "2"}), PATCHERS),
    Change("every later version", "pinned", _spec(program={"update": "Auto", "version": None}), APPROVERS),
    Change("no program", "pinned", _spec(program=None), APPROVERS),
    Change("a state that is written behind", "plain", _spec(state={"durability": "Group"}), APPROVERS),
    Change("one that was not", "synchronous", _spec(state={"durability": "Group"}), APPROVERS),
    Change("no word on what it was", "synchronous", _spec(state={"durability": None}), PATCHERS),
    Change("a state that is not written behind", "grouped", _spec(state={"durability": "Sync"}), PATCHERS),
    Change("no word on what is written behind", "grouped", _spec(state={"durability": None}), PATCHERS),
    Change("no looks at what is looked at", "watched", _spec(drift={"enabled": False}), APPROVERS),
    Change("looks again", "plain", _spec(drift={"enabled": True}), PATCHERS),
    Change("a layer left as it is", "plain", _spec(layers={"edge": {"enabled": False}}), APPROVERS),
    Change("somebody to tell", "plain", _spec(notify={"webhookUrl": "https://hooks.example.com/x"}), PATCHERS),
    Change("a service inside to tell", "plain", _spec(notify={"webhookUrl": "https://kubernetes.default"}), APPROVERS),
    Change("reconcile now", "plain", _notes(reconcile="compute@1"), PATCHERS),
    Change("an end", "staying", _spec(ttl="72h"), APPROVERS),
    Change("an earlier end", "ending", _spec(ttl="2d23h59m"), APPROVERS),
    Change("a later end", "ending", _spec(ttl="4d"), PATCHERS),
    Change("the same end in other words", "ending", _spec(ttl="3d"), PATCHERS),
    Change("no end", "ending", _spec(ttl=None), PATCHERS),
    Change(
        "letting go of what stands",
        "held",
        {"metadata": {"finalizers": ["someone/else"]}},
        APPROVERS | {OPERATOR},
    ),
    Change(
        "another's finalizer", "held", {"metadata": {"finalizers": [keys.FINALIZER]}}, APPROVERS | {OPERATOR}, "blocks"
    ),
    Change("lower guards", "plain", _notes(lower_guards="approval=Never"), APPROVERS),
    Change(
        "an owner", "plain", {"metadata": {"ownerReferences": [OWNER]}}, APPROVERS | {OPERATOR}, "garbage collector"
    ),
    Change("one more owner", "owned", {"metadata": {"ownerReferences": [OWNED, OWNER]}}, APPROVERS | {OPERATOR}),
    Change("another name of the owner", "owned", {"metadata": {"ownerReferences": [RENAMED]}}, APPROVERS | {OPERATOR}),
    Change("no owner", "owned", {"metadata": {"ownerReferences": []}}, PATCHERS),
    Change("a flag of the owner", "owned", {"metadata": {"ownerReferences": [FLAGGED]}}, PATCHERS),
    Change("what the garbage collector takes off", "collected", {"metadata": {"finalizers": []}}, PATCHERS),
)


@dataclass(frozen=True)
class Creation:
    """A new environment, and those who may."""

    name: str
    annotations: dict[str, str]
    spec: dict[str, Any]
    may: frozenset[str]


def _steered(key: str) -> dict[str, str]:
    return {key: "dev"}


_APPROVING = {keys.APPROVE: "sha256:1", keys.APPROVED_BY: "{me}"}

#: With its drift as it is by itself.
_PROD: dict[str, Any] = {"environment": "prod", "drift": None}

CREATIONS = (
    Creation("dev", {}, {}, WRITERS),
    Creation("dev with all that a deletion may take", {}, {"deletionPolicy": "Everything"}, WRITERS),
    Creation("one that ends by itself", {}, STANDING["ending"][1], WRITERS),
    Creation("prod", {}, _PROD, WRITERS),
    Creation("prod with a narrow deletion", {}, _PROD | {"deletionPolicy": "Retain"}, WRITERS),
    Creation("prod with a wide deletion", {}, _PROD | {"deletionPolicy": "All"}, APPROVERS),
    Creation("prod whose state is written behind", {}, _PROD | STANDING["grouped"][1], WRITERS),
    Creation("prod that nobody looks at", {}, _PROD | {"drift": {"enabled": False}}, APPROVERS),
    Creation("prod without a layer", {}, _PROD | {"layers": {"edge": {"enabled": False}}}, WRITERS),
    Creation("one that tells an address inside", {}, {"notify": {"webhookUrl": "http://10.0.0.7/x"}}, APPROVERS),
    Creation("one that is approved", _APPROVING, {}, APPROVERS),
    Creation("one whose destroy is confirmed", _steered(keys.CONFIRM_DESTROY), {}, APPROVERS),
    Creation("one that is abandoned", _steered(keys.ABANDON), {}, APPROVERS),
    Creation("one that may migrate", _steered(keys.MIGRATE), {}, APPROVERS),
)
