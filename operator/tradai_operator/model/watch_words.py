"""The guards of how an environment is watched, as plain words, and a spec that is held to some of them.

What is no drift is told by fingerprints, and layers by name: less of either is stricter. The schedule and whom to tell
stand as they are, since of two neither is stricter. Pure.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import TypeAdapter

from tradai_operator.model.cron import Cron
from tradai_operator.model.drift import Drift, Ignore
from tradai_operator.model.guard_rows import spoken
from tradai_operator.model.notify import Notify
from tradai_operator.model.spec import EnvironmentSpec
from tradai_operator.model.watch_guards import SCHEDULE_DEFAULT

ENABLED: Final = "drift.enabled"
SCHEDULE: Final = "drift.schedule"
IGNORE: Final = "drift.ignore"
NOTIFY: Final = "notify"
DISABLED: Final = "layers.disabled"
#: Of these a smaller set of words is stricter.
SETS: Final = frozenset({IGNORE, DISABLED})
#: What is told by a fingerprint where a person names it: it has commas, or is long.
LONG: Final = frozenset({SCHEDULE, IGNORE, NOTIFY})
DEFAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {ENABLED: "true", SCHEDULE: SCHEDULE_DEFAULT, IGNORE: "", NOTIFY: "", DISABLED: ""}
)
_CRON: Final = TypeAdapter[str](Cron)


def fingerprint(text: str) -> str:
    """Eight characters that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def watch_words(spec: EnvironmentSpec) -> dict[str, str]:
    """What a spec says of them."""
    drift = spec.drift
    return {
        ENABLED: spoken(drift.enabled),
        SCHEDULE: drift.schedule,
        IGNORE: " ".join(sorted({_rule(each) for each in drift.ignore})),
        NOTIFY: _notify(spec.notify),
        DISABLED: " ".join(sorted(n for n in spec.declaration.layer_names if not spec.layer(n).enabled)),
    }


def weaker(name: str, now: str, was: str) -> bool:
    """Whether `now` watches less than `was` did; the same rule as that of the admission policy."""
    if name in SETS:
        return not set(now.split()) <= set(was.split())
    return now != was and (name != NOTIFY or was != "")


def both(one: str, other: str) -> str:
    """Of two sets of words those that both have."""
    return " ".join(sorted(set(one.split()) & set(other.split())))


def understood(words: Mapping[str, str]) -> None:
    """Raises ValueError for a schedule that is none, or for somebody to tell whom nobody could."""
    _CRON.validate_python(words[SCHEDULE])
    _told(words[NOTIFY])


def held(spec: EnvironmentSpec, kept: Mapping[str, str]) -> dict[str, Any]:
    """The parts of the spec that are others under those words."""
    changes: dict[str, Any] = {}
    if drift := _drift(spec.drift, kept):
        changes["drift"] = spec.drift.model_copy(update=drift)
    if NOTIFY in kept:
        changes["notify"] = _told(kept[NOTIFY])
    if DISABLED in kept:
        changes["layers"] = _built(spec, kept[DISABLED].split())
    return changes


def _drift(drift: Drift, kept: Mapping[str, str]) -> dict[str, Any]:
    changes: dict[str, Any] = {"enabled": kept[ENABLED] == "true"} if ENABLED in kept else {}
    changes |= {"schedule": kept[SCHEDULE]} if SCHEDULE in kept else {}
    if IGNORE in kept:
        changes["ignore"] = tuple(each for each in drift.ignore if _rule(each) in kept[IGNORE].split())
    return changes


def _built(spec: EnvironmentSpec, disabled: Collection[str]) -> Any:
    layers = {name: spec.layer(name) for name in spec.declaration.layer_names if name not in disabled}
    return spec.layers.model_copy(
        update={name: layer.model_copy(update={"enabled": True}) for name, layer in layers.items() if not layer.enabled}
    )


def _rule(rule: Ignore) -> str:
    return fingerprint(json.dumps([rule.urn, rule.type, rule.path]))


def _notify(notify: Notify | None) -> str:
    return json.dumps(notify.model_dump(mode="json", by_alias=True, exclude_none=True)) if notify else ""


def _told(text: str) -> Notify | None:
    return Notify.model_validate_json(text) if text else None
