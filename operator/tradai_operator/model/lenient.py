"""What a deletion goes by where the spec is invalid: built from what was kept, guarded by what people wrote last.

Pure. Must never let a guard be lower for being invalid, missing or old: of two the stricter one counts. All guards are
carried, also those that no deletion asks for: what is in force here is noted in the state bucket for whoever comes.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from tradai_operator.model.errors import InvalidResource
from tradai_operator.model.guard_rows import Ladder, spoken
from tradai_operator.model.guards import LADDERS
from tradai_operator.model.in_force import TTL, VERSION, WINDOWS
from tradai_operator.model.maintenance import Maintenance
from tradai_operator.model.program import Program

_POLICY: Final = next(ladder for ladder in LADDERS if ladder.path == "deletionPolicy")
_TTL_POLICY: Final = _POLICY.steps[-1]
_UPDATE: Final = "program.update"


def made_whole(live: Any, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The kept spec under the stricter guards of both; raises InvalidResource where nobody can tell what to take.

    An approval that cannot be read counts as the strictest one. A policy that cannot be read is no policy: the
    strictest takes nothing, and would leave behind what nobody meant to. Who leaves out what then means what was in
    force has left it out here too: the status says it, and a kept spec may be an older one.
    """
    written = live if isinstance(live, Mapping) else {}
    policy = written.get(_POLICY.path, _POLICY.default)
    if policy not in _POLICY.steps:
        raise InvalidResource(
            [f"spec.{_POLICY.path}: write one of {', '.join(_POLICY.steps)}, then the deletion goes on"]
        )
    return _as_silent(with_guards(kept, stricter(guards_of(written), guards_of(kept))), written)


def suspended(live: Any) -> bool:
    """Whether what people wrote last keeps the environment as it is, whatever else is wrong with it."""
    return isinstance(live, Mapping) and live.get("suspend") is True


def guards_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What a spec says of its guards; absent ones mean their defaults, those that cannot be read the strictest.

    Windows that name no time and a version to stay on that is none were never in force, and count as absent.
    """
    found: dict[str, Any] = {ladder.path: _step(ladder, _written(ladder, spec)) for ladder in LADDERS} | _pin(spec)
    ttl, windows = spec.get(TTL), _windows(spec)
    found |= {TTL: ttl} if isinstance(ttl, str) and ttl else {}
    return found | ({WINDOWS: windows} if windows else {})


def stricter(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Each guard as the stricter of both has it; a ttl permits everything, so that both have to say it.

    Of two sets of windows, or two versions to stay on, neither is stricter: those of `other` stay.
    """
    found: dict[str, Any] = {
        ladder.path: min(one[ladder.path], other[ladder.path], key=ladder.steps.index) for ladder in LADDERS
    }
    both = TTL in one and TTL in other and found[_POLICY.path] == _TTL_POLICY
    found |= {TTL: one[TTL]} if both else {}
    return found | {name: each[name] for each in (one, other) for name in (WINDOWS, VERSION) if name in each}


def with_guards(spec: Mapping[str, Any], guards: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with those guards and no others."""
    whole = {key: value for key, value in spec.items() if key not in {TTL, WINDOWS}}
    whole |= {key: guards[key] for key in (TTL, WINDOWS) if key in guards}
    for ladder in LADDERS:
        part, _, name = ladder.path.rpartition(".")
        inner = dict(whole.get(part) or {}) if part else whole
        if not part or name in inner or guards[ladder.path] != ladder.default:
            inner[name] = ladder.value(guards[ladder.path])
        whole |= {part: inner} if part and inner else {}
    return _pinned(whole, guards.get(VERSION))


def _as_silent(whole: dict[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    for part, _, name in (ladder.path.rpartition(".") for ladder in LADDERS if ladder.reported):
        said = written.get(part, {})
        if part in whole and isinstance(said, Mapping) and name not in said:
            whole[part] = {key: value for key, value in whole[part].items() if key != name}
    return whole


def _pinned(spec: dict[str, Any], version: str | None) -> dict[str, Any]:
    part, _, name = VERSION.rpartition(".")
    inner = {key: value for key, value in (spec.get(part) or {}).items() if key != name}
    inner |= {name: version} if version else {}
    return spec | ({part: inner} if inner else {})


def _step(ladder: Ladder, value: Any) -> str:
    step = spoken(value)
    return step if step in ladder.steps else ladder.steps[0]


def _written(ladder: Ladder, spec: Mapping[str, Any]) -> Any:
    """What stands at the ladder's path, its default where there is nothing, None where that cannot be read."""
    part, _, name = ladder.path.rpartition(".")
    inner = spec.get(part, {}) if part else spec
    return inner.get(name, ladder.default) if isinstance(inner, Mapping) else None


def _pin(spec: Mapping[str, Any]) -> dict[str, str]:
    try:
        program = Program.model_validate(spec.get("program") or {})
    except ValidationError:
        program = Program()
    return {_UPDATE: program.update} | ({VERSION: program.version} if program.version else {})


def _windows(spec: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        return Maintenance.model_validate(spec[WINDOWS]).model_dump(mode="json", by_alias=True)
    except (KeyError, ValidationError):
        return None
