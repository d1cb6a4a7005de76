"""What a deletion goes by where the spec is invalid: built from what was kept, guarded by what people wrote last.

Pure. Must never let a guard be lower for being invalid, missing or old: of two the stricter one counts.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_operator.model.errors import InvalidResource
from tradai_operator.model.guards import LADDERS, Ladder

#: The guards of a deletion; what else the spec guards is no matter of it.
_POLICY, _APPROVAL = (
    next(ladder for ladder in LADDERS if ladder.path == path) for path in ("deletionPolicy", "approval")
)
_TTL_POLICY: Final = _POLICY.steps[-1]


def made_whole(live: Any, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The kept spec under the stricter guards of both; raises InvalidResource where nobody can tell what to take.

    An approval that cannot be read counts as the strictest one. A policy that cannot be read is no policy: the
    strictest takes nothing, and would leave behind what nobody meant to.
    """
    written = live if isinstance(live, Mapping) else {}
    policy = written.get(_POLICY.path, _POLICY.default)
    if policy not in _POLICY.steps:
        raise InvalidResource(
            [f"spec.{_POLICY.path}: write one of {', '.join(_POLICY.steps)}, then the deletion goes on"]
        )
    return with_guards(kept, stricter(guards_of(written), guards_of(kept)))


def guards_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What a spec says of its guards; absent ones mean their defaults, those that cannot be read the strictest."""
    found = {ladder.path: _step(ladder, spec.get(ladder.path, ladder.default)) for ladder in (_POLICY, _APPROVAL)}
    ttl = spec.get("ttl")
    return found | ({"ttl": ttl} if isinstance(ttl, str) and ttl else {})


def stricter(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Each guard as the stricter of both has it; a ttl permits everything, so that both have to say it."""
    found: dict[str, Any] = {
        ladder.path: min(one[ladder.path], other[ladder.path], key=ladder.steps.index)
        for ladder in (_POLICY, _APPROVAL)
    }
    both = "ttl" in one and "ttl" in other and found[_POLICY.path] == _TTL_POLICY
    return found | ({"ttl": one["ttl"]} if both else {})


def with_guards(spec: Mapping[str, Any], guards: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with those guards and no others."""
    return {key: value for key, value in spec.items() if key != "ttl"} | dict(guards)


def _step(ladder: Ladder, value: Any) -> str:
    return value if value in ladder.steps else ladder.steps[0]
