"""How a resource's state follows from what the program wants and what AWS tells.

Pure. The state shows the real values in the program's spelling where both say the same. Must never show a
wish as a fact: a property that can be read is what was read.
"""

from collections.abc import Mapping
from typing import Any

from tradai_sandbox.provider.compare import is_empty, overlay, same
from tradai_sandbox.provider.props import Prop, Props
from tradai_sandbox.provider.row import Row
from tradai_sandbox.provider.unknown import UNKNOWN


def merged(row: Row, actual: Props, inputs: Props, old: Props) -> Props:
    """The state: `actual` as read, in the spelling of `inputs`; what cannot be read, as wanted."""
    found: Props = {}
    for prop in row.props:
        value = _merged_value(prop, actual.get(prop.name), inputs.get(prop.name), old.get(prop.name))
        if value is not None:
            found[prop.name] = value
    if row.prop("tagsAll") is not None:
        found["tagsAll"] = found.get("tags", {})
    return found


def _merged_value(prop: Prop, actual: Any, wanted: Any, old: Any) -> Any:
    if prop.write_only or prop.local:
        return wanted if wanted is not None else old
    if wanted is None:
        return None if prop.shared else actual
    if not same(prop, actual, wanted):
        return actual
    return wanted if prop.same is not None or is_empty(wanted) else overlay(actual, wanted, telling=prop.telling)


def real_inputs(row: Row, state: Props, inputs: Props) -> Props:
    """The inputs that would make `state`: those given where they still hold, else the real values.

    Without any (an import), every input that AWS has a telling value for.
    """
    if not inputs:
        return {p.name: _given(p, state[p.name]) for p in row.inputs if _tells(p, state)}
    found = {}
    for name, wanted in inputs.items():
        prop = row.prop(name)
        holds = prop is None or prop.write_only or prop.local or same(prop, state.get(name), wanted)
        value = wanted if holds else state.get(name)
        if value is not None:
            found[name] = value
    return found


def _tells(prop: Prop, state: Mapping[str, Any]) -> bool:
    if prop.name not in state or prop.write_only:
        return False
    return prop.default is not None or prop.telling or not is_empty(state[prop.name])


def _given(prop: Prop, value: Any) -> Any:
    """What of a real value a program would say."""
    return {k: v for k, v in value.items() if k not in prop.filled} if prop.filled else value


def planned(row: Row, inputs: Props, old: Props) -> Props:
    """The state that a preview shows: wishes as they are, outputs as they were or unknown."""
    read = [p for p in row.props if p.output or p.computed]
    found = {**{p.name: UNKNOWN if p.moving else old.get(p.name, UNKNOWN) for p in read}, **inputs}
    for prop in row.props:
        if prop.filled and isinstance(found.get(prop.name), Mapping):
            had = old.get(prop.name) or {}
            found[prop.name] = {**{name: had.get(name, UNKNOWN) for name in prop.filled}, **found[prop.name]}
    if row.regional and "region" not in found:
        found["region"] = old.get("region", UNKNOWN)
    if row.prop("tagsAll") is not None:
        found["tagsAll"] = inputs.get("tags", {})
    return found
