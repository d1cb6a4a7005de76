"""Providers, of whose changes the engine tells a resource's own event nothing but that there is one.

Pure: the engine's steps in, differences out, whichever comes first. Must never show a provider's secrets, which the
engine has masked.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tradai_runner.plan.differences import differences

_TYPE: Final = "pulumi:providers:"
#: The property by which the engine names such a change.
PROVIDER: Final = "provider"
_REGION: Final = "region"


class Providers:
    """The providers of one preview, as they were and as they will be."""

    def __init__(self) -> None:
        self._inputs: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}

    def note(self, step: Any) -> None:
        """Takes one step; whatever is no provider's is none of this."""
        if step.type.startswith(_TYPE):
            old, new = (dict(side.inputs or {}) if side else {} for side in (step.old, step.new))
            before, after = self._inputs.get(step.urn, ({}, {}))
            self._inputs[step.urn] = (old or before, new or after)

    def changes(self, step: Any) -> list[tuple[str, Any, Any]]:
        """(path, old, new) of what has become another for a resource: its region above all, or else the rest."""
        was, will = (_urn(side) for side in (step.old, step.new))
        old, new = self._inputs.get(was, ({}, {}))[0], self._inputs.get(will, ({}, {}))[1]
        found = list(differences(old, new)) if old and new else []
        if moved := [row for row in found if row[0] == _REGION]:
            return moved
        if was and will and was != will:
            return [(PROVIDER, _name(was), _name(will))]
        return list(_named(found))


def _urn(side: Any) -> str:
    """The URN of the provider of one side of a step, which stands before its id."""
    return side.provider.rpartition("::")[0] if side and side.provider else ""


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _named(found: list[tuple[str, Any, Any]]) -> Iterator[tuple[str, Any, Any]]:
    for path, old, new in found:
        yield f"{PROVIDER}.{path}", old, new
