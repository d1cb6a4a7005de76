"""The guards of a spec as plain words, which of two is the stricter, and a spec that is held to some of them.

A guard is named by its path in the spec, and told as text, so that the state bucket can keep it: what stands there was
perhaps written by another version of us. Pure. Must never let a guard that is not known count as none.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from tradai_operator.model import watch_words
from tradai_operator.model.durations import PATTERN, parse_duration
from tradai_operator.model.guards import LADDERS
from tradai_operator.model.maintenance import Maintenance, Window
from tradai_operator.model.spec import EnvironmentSpec
from tradai_runner.contract import Durability

Guards = Mapping[str, str]

WINDOWS: Final = "maintenance"
TTL: Final = "ttl"
DURABILITY: Final = "state.durability"
#: No guard by itself: the version that `program.update: Manual` stays on.
VERSION: Final = "program.version"
_STEPS: Final = {ladder.path: ladder.steps for ladder in LADDERS}
_NONE: Final = "none"
_SHOWN: Final = 160
#: What an absent field means, and so what a marker means that says nothing of it.
DEFAULTS: Final[Guards] = MappingProxyType(
    {**{ladder.path: ladder.default for ladder in LADDERS}, WINDOWS: "", TTL: "", **watch_words.DEFAULTS}
)
#: Guards that came later than markers: one that says nothing of them means whatever the spec says now.
LATER: Final = frozenset(watch_words.DEFAULTS)
_LONG: Final = watch_words.LONG | {WINDOWS}


def guards_of(spec: EnvironmentSpec) -> dict[str, str]:
    """The guards that a spec declares; a durability that nobody has said or remembered is the strictest."""
    windows = spec.maintenance.windows if spec.maintenance else ()
    return {
        "deletionPolicy": spec.deletion_policy,
        "approval": spec.approval,
        "program.update": spec.program.update,
        "drift.policy": spec.drift.policy,
        DURABILITY: spec.state.durability or DEFAULTS[DURABILITY],
        WINDOWS: "; ".join(f"{each.schedule} {each.duration} {each.timezone}" for each in windows),
        TTL: spec.ttl or "",
        **watch_words.watch_words(spec),
        **({VERSION: spec.program.version} if spec.program.version else {}),
    }


def completed(known: Guards | None, now: Guards = MappingProxyType({})) -> dict[str, str]:
    """What a marker says, with the defaults for what it does not say, and `now` for what its version did not know.

    Raises ValueError for windows, a schedule or somebody to tell that are none. A step that is not known here is
    another version's, and counts as the strictest.
    """
    later = {name: now[name] for name in LATER if name in now}
    found = {**DEFAULTS, **later, **(known or {})}
    for name, steps in _STEPS.items():
        found[name] = found[name] if found[name] in steps else steps[0]
    if not re.fullmatch(f"({PATTERN})?", found[TTL]):
        found[TTL] = ""
    _maintenance(found[WINDOWS])
    watch_words.understood(found)
    return found


def durability_in(known: Guards | None) -> Durability:
    """The durability that guards say; Sync is what every version did that says nothing, and of what nobody knows."""
    return "Group" if (known or {}).get(DURABILITY) == "Group" else "Sync"


def weaker(name: str, now: str, was: str) -> bool:
    """Whether `now` lowers the guard that was `was`; the same rule as that of the admission policy (`guards`)."""
    if now == was:
        return False
    if name == TTL:
        return now != "" and (was == "" or parse_duration(now) < parse_duration(was))
    if name == WINDOWS:
        return was != ""
    if name not in _STEPS:
        return watch_words.weaker(name, now, was)
    steps = _STEPS[name]
    return not (now in steps and was in steps and steps.index(now) < steps.index(was))


def lowered(now: Guards, was: Guards, permitted: Collection[str] = ()) -> dict[str, str]:
    """The guards of `was` that `now` lowers, save those whose `word` is permitted."""
    found = {name: was[name] for name in DEFAULTS if weaker(name, now[name], was[name])}
    found = {name: value for name, value in found.items() if word(name, now[name]) not in permitted}
    # where staying on a version is kept, that version is
    return found | ({VERSION: was[VERSION]} if "program.update" in found and VERSION in was else {})


def strictest(all_: Iterable[Guards]) -> dict[str, str]:
    """Of each guard the strictest value; the defaults of nothing known at all."""
    found: dict[str, str] = {}
    for each in all_:
        found = {**each, **lowered(each, found), **_in_both(each, found)} if found else dict(each)
    return found or dict(DEFAULTS)


def _in_both(one: Guards, other: Guards) -> dict[str, str]:
    names = [name for name in watch_words.SETS if name in one and name in other]
    return {name: watch_words.both(one[name], other[name]) for name in names}


def word(name: str, value: str) -> str:
    """One guard as a person permits it to be lowered: `approval=Never`; what is long is told by a fingerprint."""
    short = watch_words.fingerprint(value) if name in _LONG and value else value.replace(" ", "+")
    return f"{name}={short or _NONE}"


def sentence(guards: Guards) -> str:
    """Guards as a part of a sentence: `deletionPolicy Retain, ttl none`."""
    return ", ".join(f"{name} {_cut(value) or _NONE}" for name, value in guards.items())


def _cut(value: str) -> str:
    """An address may be as long as a whole message, of which the end says what to do."""
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"


def held_to(spec: EnvironmentSpec, kept: Guards) -> EnvironmentSpec:
    """The spec with those guards in place of its own."""
    changes: dict[str, Any] = watch_words.held(spec, kept)
    if "deletionPolicy" in kept:
        changes["deletion_policy"] = kept["deletionPolicy"]
    if "approval" in kept:
        changes["approval"] = kept["approval"]
    if "drift.policy" in kept:
        drift = changes.get("drift", spec.drift)
        changes["drift"] = drift.model_copy(update={"policy": kept["drift.policy"]})
    if "program.update" in kept:
        changes["program"] = spec.program.model_copy(
            update={"update": kept["program.update"], "version": kept.get(VERSION)}
        )
    if DURABILITY in kept:
        changes["state"] = spec.state.model_copy(update={"durability": kept[DURABILITY]})
    if TTL in kept:
        changes["ttl"] = kept[TTL] or None
    if WINDOWS in kept:
        changes["maintenance"] = _maintenance(kept[WINDOWS])
    return spec.model_copy(update=changes) if changes else spec


def _maintenance(text: str) -> Maintenance | None:
    return Maintenance(windows=tuple(_window(each) for each in text.split("; "))) if text else None


def _window(text: str) -> Window:
    schedule, duration, timezone = text.rsplit(" ", 2)
    return Window(schedule=schedule, duration=duration, timezone=timezone)
