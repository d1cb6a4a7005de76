"""Guard by who by (create, adopt, recreate, update, delete), and the verdict: what people try, and what comes of it.

Data, played by pure tests and on a real API server. `create`: nothing stands. `adopt`: a stack stands whose marker
knows no guards. `recreate`: a stack stands under the strong ones, and its resource was deleted. `update`: from strong
to weak. `delete`: the resource of `recreate` is deleted again.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tests.fakes.bodies import body
from tradai_operator.model import keys

#: `yes`: it is as asked; `no`: the API server refuses; `kept`: it is taken, and the stronger guard stays in force;
#: `never`: nobody may, since it never changes; `run`: it is taken, and no run touches anything.
Verdict = Literal["yes", "no", "kept", "never", "run"]

EPHEMERAL: Final = {"environment": "eph-1", "deletionPolicy": "Everything"}
_NIGHT: Final = {"windows": [{"schedule": "0 22 * * SAT", "duration": "4h"}]}
_SILENT: Final = {"state": body()["spec"]["state"]}
_SYNC, _GROUP = ({"state": {**_SILENT["state"], "durability": step}} for step in ("Sync", "Group"))
_OWNERS, _SCANNER = ({"path": path, "reason": "another's"} for path in ("tags.Owner", "tags.Scanner"))
_MINE, _THEIRS = ({"topicArn": f"arn:aws:sns:eu-central-1:123456789012:{name}"} for name in ("mine", "theirs"))
_SIGNED: Final = {"webhookUrl": "https://hooks.example.com/x", "signingSecretRef": {"name": "hooks", "key": "key"}}
_UNSIGNED: Final = {"webhookUrl": "https://hooks.example.com/x"}
_NO_EDGE: Final = {"edge": {"enabled": False}}
_PROD: Final = {"environment": "prod"}
_ALWAYS_OPEN: Final = {"windows": [{"schedule": "* * * * *", "duration": "1h"}]}


@dataclass(frozen=True)
class Row:
    """One guard, strong and weak, as parts of a spec or of metadata, and the verdicts.

    `word` is how an approver names the weak value; `approver` has the verdicts that differ from the editor's `yes`.
    """

    guard: str
    strong: dict[str, Any]
    weak: dict[str, Any]
    create: Verdict
    adopt: Verdict
    recreate: Verdict
    update: Verdict
    delete: Verdict = "kept"
    word: str = ""
    approver: dict[str, Verdict] = field(default_factory=dict)
    metadata: bool = False

    def verdict(self, situation: str, *, approver: bool) -> Verdict:
        """What is to come of it; an approver names the weak value where the editor's is kept."""
        mine: Verdict = getattr(self, situation)
        if not approver or mine in {"never", "run"}:
            return mine
        return self.approver.get(situation, "yes")


def _spec(guard: str, strong: Any, weak: Any, adopt: Verdict, word: str, **more: Any) -> Row:
    around = more.pop("around", {})
    strong_spec = {**around, **({guard: strong} if strong is not None else {})}
    weak_spec = {**around, **({guard: weak} if weak is not None else {})}
    verdicts: tuple[Verdict, Verdict, Verdict, Verdict] = (
        more.pop("create", "yes"),
        adopt,
        more.pop("recreate", "kept"),
        "no",
    )
    return Row(guard, strong_spec, weak_spec, *verdicts, word=word, **more)


def _annotation(key: str, value: str, **beside: str) -> Row:
    notes = {"annotations": {key: value, **beside}}
    return Row(key, {}, notes, "no", "no", "no", "no", metadata=True)


def _taken_off(whose: str, finalizer: str) -> Row:
    """Whoever may make a resource may make it without, but nobody takes off what holds one that stands."""
    guard = f"{whose} finalizer taken off"
    return Row(guard, {"finalizers": [finalizer]}, {"finalizers": []}, "yes", "yes", "yes", "no", metadata=True)


def _free(guard: str, before: Any, after: Any) -> Row:
    """What watches more than before, or just as much, is everybody's to set."""
    now, then = ({guard: value} if value is not None else {} for value in (after, before))
    return Row(guard, then, now, "yes", "yes", "yes", "yes")


def _protected(guard: str, weak: Any, word: str) -> Row:
    """Prod's creation is compared with the defaults; what tests leave unwatched is watched by default."""
    return _spec(guard, None, weak, "no", word, around={**_PROD, "drift": None}, create="no", recreate="no")


def _durability(strong: Any, weak: Any, verdict: Verdict, update: Verdict, word: str = "") -> Row:
    """What stands without a marker's word is Sync, and so is what no operator has reported of yet."""
    return Row("state.durability", strong, weak, "yes", verdict, verdict, update, word=word)


TABLE: Final = (
    _spec("approval", "OnDestructive", "Never", "kept", "approval=Never"),
    _spec("approval", "Always", "OnDestructive", "yes", "approval=OnDestructive"),
    _spec("approval", "Always", None, "yes", "approval=OnDestructive"),
    _spec("deletionPolicy", "Retain", "Soft", "yes", "deletionPolicy=Soft"),
    _spec("deletionPolicy", "Retain", "All", "kept", "deletionPolicy=All"),
    _spec("deletionPolicy", "Soft", "Everything", "kept", "deletionPolicy=Everything"),
    _spec(
        "deletionPolicy",
        "Retain",
        "All",
        "no",
        "deletionPolicy=All",
        around={"environment": "prod"},
        create="no",
        recreate="no",
    ),
    _spec("drift", {"policy": "Report"}, {"policy": "Correct"}, "kept", "drift.policy=Correct"),
    _spec("drift", {"enabled": True}, {"enabled": False}, "yes", "drift.enabled=false"),
    _spec("drift", {"policy": "Report"}, {"enabled": False}, "yes", "drift.enabled=false"),
    _protected("drift", {"enabled": False}, "drift.enabled=false"),
    _free("drift", {"enabled": False}, {"enabled": True}),
    _spec("drift", {"schedule": "0 3 * * *"}, {"schedule": "0 0 1 1 *"}, "yes", "drift.schedule=fa9d0791"),
    _spec("drift", None, {"schedule": "0 0 1 1 *"}, "yes", "drift.schedule=fa9d0791"),
    _protected("drift", {"schedule": "0 0 1 1 *"}, "drift.schedule=fa9d0791"),
    _free("drift", None, {"schedule": "0 */6 * * *"}),
    _spec("drift", {"ignore": [_OWNERS]}, {"ignore": [_OWNERS, _SCANNER]}, "yes", "drift.ignore=a080d57e"),
    _spec("drift", {"ignore": [_OWNERS]}, {"ignore": [_SCANNER]}, "yes", "drift.ignore=cb16c31c"),
    _spec("drift", None, {"ignore": [{"urn": "*", "reason": "x"}]}, "yes", "drift.ignore=e6762618"),
    _protected("drift", {"ignore": [_SCANNER]}, "drift.ignore=cb16c31c"),
    _free("drift", {"ignore": [_OWNERS, _SCANNER]}, {"ignore": [{**_SCANNER, "reason": "another reason"}]}),
    _spec("notify", _MINE, None, "yes", "notify=none"),
    _spec("notify", _MINE, _THEIRS, "yes", "notify=e2280e8d"),
    _spec("notify", _SIGNED, _UNSIGNED, "yes", "notify=470aa219"),
    _free("notify", None, _MINE),
    _spec("layers", None, _NO_EDGE, "yes", "layers.disabled=edge"),
    _spec("layers", _NO_EDGE, {**_NO_EDGE, "compute": {"enabled": False}}, "yes", "layers.disabled=compute+edge"),
    _free("layers", _NO_EDGE, {"edge": {"enabled": True}}),
    _free("layers", None, {"edge": {"config": {}}}),
    _spec("program", {"update": "Manual", "version": "1"}, {"update": "Auto"}, "yes", "program.update=Auto"),
    _spec("maintenance", _NIGHT, None, "yes", "maintenance=none"),
    _spec("maintenance", _NIGHT, _ALWAYS_OPEN, "yes", "maintenance=473afe42"),
    _spec("ttl", None, "1m", "kept", "ttl=1m", around=EPHEMERAL),
    _spec("ttl", "72h", "1m", "kept", "ttl=1m", around=EPHEMERAL),
    _durability(_SYNC, _GROUP, "kept", "no", "state.durability=Group"),
    _durability(_SILENT, _GROUP, "kept", "no", "state.durability=Group"),
    _durability(_SYNC, _SILENT, "yes", "yes"),
    _durability(_SILENT, _SYNC, "yes", "yes"),
    _durability(_GROUP, _SYNC, "yes", "yes"),
    _annotation(keys.APPROVE, "sha256:1", **{keys.APPROVED_BY: "{me}"}),
    _annotation(keys.OPEN_WINDOW, "2027-01-15T08:00:00Z", **{keys.OPENED_BY: "{me}"}),
    _annotation(keys.CONFIRM_DESTROY, "dev"),
    _annotation(keys.ABANDON, "dev"),
    _annotation(keys.MIGRATE, "region:eu-central-1"),
    _annotation(keys.HANDOVER, "uid-1"),
    _annotation(keys.LOWER_GUARDS, "approval=Never"),
    Row(
        "ownerReferences",
        {},
        {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "invented"}]},
        "no",
        "no",
        "no",
        "no",
        metadata=True,
    ),
    Row("another's finalizer", {}, {"finalizers": ["someone/else"]}, "no", "no", "no", "no", metadata=True),
    _taken_off("another's", "someone/else"),
    _taken_off("the operator's", keys.FINALIZER),
    Row(
        "region",
        {"aws": {"accountId": "123456789012", "region": "eu-central-1"}},
        {"aws": {"accountId": "123456789012", "region": "us-east-1"}},
        "yes",
        "run",
        "run",
        "never",
        "run",
        word="region:eu-central-1",
    ),
    Row(
        "account",
        {"aws": {"accountId": "123456789012", "region": "eu-central-1"}},
        {"aws": {"accountId": "210987654321", "region": "eu-central-1"}},
        "yes",
        "run",
        "run",
        "never",
        "run",
        word="account:123456789012",
    ),
)

#: The rows that the operator decides about, beside the API server.
IN_FORCE: Final = tuple(row for row in TABLE if row.recreate == "kept")
