"""What differs between what the program wants and what the state shows, and what must be made anew for it.

Pure. Must never report a difference in something that the program does not mention.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from tradai_sandbox.provider.check import is_made_up
from tradai_sandbox.provider.compare import is_empty, same
from tradai_sandbox.provider.props import Prop, Props
from tradai_sandbox.provider.row import Row
from tradai_sandbox.provider.unknown import UNKNOWN, has_unknown

Kind = Literal["add", "delete", "update"]


@dataclass(frozen=True)
class Difference:
    """One property that differs."""

    name: str
    kind: Kind
    replaces: bool


def differences(
    row: Row, old_inputs: Props, state: Props, inputs: Props, ignore: Collection[str] = ()
) -> list[Difference]:
    """Every property of the row for which AWS would have to be told something."""
    ignored = {path.partition(".")[0].partition("[")[0] for path in ignore}
    found = []
    for prop in row.inputs:
        if prop.name in ignored or not _differs(prop, old_inputs, state, inputs):
            continue
        found.append(Difference(prop.name, _kind(prop.name, old_inputs, inputs), _replaces(prop, state, inputs)))
    if row.regional and inputs.get("region") not in (None, UNKNOWN, state.get("region")):
        found.append(Difference("region", "update", replaces=True))
    return found


def _differs(prop: Prop, old_inputs: Props, state: Props, inputs: Props) -> bool:
    old, new = old_inputs.get(prop.name), inputs.get(prop.name)
    if has_unknown(new):
        return True
    if prop.name not in inputs:
        return not is_empty(old) and not prop.computed
    if prop.write_only or prop.local:
        return not same(prop, old, new) or not same(prop, new, old)
    if prop.name in old_inputs and not (same(prop, old, new) and same(prop, new, old)):
        return True
    return not same(prop, state.get(prop.name), new)


def _replaces(prop: Prop, state: Props, inputs: Props) -> bool:
    """What is not known yet may turn out to be anything, so that it replaces where it matters what it is."""
    if prop.in_place is None or (has_unknown(inputs.get(prop.name)) and not prop.by_presence):
        return prop.replace
    return prop.replace and not prop.in_place(state, inputs)


def _kind(name: str, old_inputs: Props, inputs: Props) -> Kind:
    if name not in inputs:
        return "delete"
    return "update" if name in old_inputs else "add"


def deletes_first(row: Row, found: Collection[Difference], state: Props, inputs: Props, urn: str) -> bool:
    """Whether a replacement must wait until the old one is gone: the new one takes its name or place."""
    if row.delete_first:
        return True
    name = inputs.get(row.name) if row.name else None
    if not any(d.replaces for d in found) or not isinstance(name, str):
        return False
    return name == state.get(row.name) and not is_made_up(name, urn)
