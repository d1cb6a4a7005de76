"""What a row says about one property of a resource type, and the conversions that rows share.

Pure data and pure functions. Must never know a service: what is particular to one lives in its rows.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Props = dict[str, Any]
Convert = Callable[[Any], Any]

#: Kinds of values a property can have, in Pulumi's schema.
KINDS: Final = (str, int, float, bool, list, dict)


@dataclass(frozen=True)
class Prop:
    """One property of a type: how Pulumi spells it, where the API has it, and how it behaves.

    - `api`: path of API members (`Attributes.DelaySeconds`, `Policies.PasswordPolicy`); empty means the
      member of the same name, whatever its case; `A|B` where calls spell it differently. A call that has no
      such member goes without it.
    - `kind`: the type in Pulumi's schema; text from the API is turned into it.
    - `fields`: properties of a nested object or of each object in a list; empty means by the service model.
    - `to`, `back`: irregular conversions towards the API and back; `back` may return None for "absent".
    - `default`: what an input is when the program leaves it out.
    - `required`: the program must give it. `replace`: a change of it makes a new resource, unless `in_place` says
      of (state, inputs) that this one can be made after all. What is not known yet replaces, but where `by_presence`
      says that `in_place` only asks what is there, and not what it is.
    - `output`: only ever read. `computed`: AWS fills it in where the program leaves it out.
    - `shared`: another type may own it (a queue's policy): told only where the program sets it.
    - `secret`: its value is a secret in the state. `write_only`: cannot be read back (a password).
    - `local`: not part of AWS at all, only steers the provider (`forceDestroy`).
    - `ordered`: the order of a list matters. `same`: an irregular comparison of (actual, wanted).
    - `filled`: members of an object that only AWS fills in (a domain's target): unknown before, never an input.
    - `telling`: an empty object inside says something by being there (`{"block": {}}`), and is no absence.
    - `moving`: for outputs that any change may move on (a version), so that a preview cannot know them.
    - `value`: for outputs that follow from others, a template over them, `{region}`, `{account}` and `{id}`.
    """

    name: str
    kind: type = str
    api: str = ""
    fields: tuple["Prop", ...] = ()
    to: Convert | None = None
    back: Convert | None = None
    default: Any = None
    required: bool = False
    replace: bool = False
    in_place: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None
    by_presence: bool = False
    output: bool = False
    computed: bool = False
    shared: bool = False
    secret: bool = False
    write_only: bool = False
    local: bool = False
    ordered: bool = False
    same: Callable[[Any, Any], bool] | None = None
    filled: frozenset[str] = frozenset()
    telling: bool = False
    moving: bool = False
    value: str = ""


def out(
    name: str, kind: type = str, api: str = "", *, value: str = "", secret: bool = False, moving: bool = False
) -> Prop:
    """A property that is only ever read."""
    return Prop(name, kind, api, output=True, value=value, secret=secret, moving=moving)


def local(name: str, kind: type = bool, default: Any = None) -> Prop:
    """A property that steers the provider and is no part of AWS."""
    return Prop(name, kind, local=True, default=default)


def pairs(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """A map as the API's list of pairs: `{"a": "b"}` → `[{"Key": "a", "Value": "b"}]`."""
    return [{key: k, value: v} for k, v in tags.items()]


def unpairs(found: Sequence[Mapping[str, str]] | Mapping[str, str]) -> dict[str, str]:
    """The API's list of pairs (or map) as a map, without the tags that AWS itself puts on things."""
    if isinstance(found, Mapping):
        items = dict(found)
    else:
        items = {(p.get("Key") or p.get("key") or ""): (p.get("Value") or p.get("value") or "") for p in found}
    return {k: v for k, v in items.items() if not k.startswith("aws:")}


def lower_pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """A map as a list of pairs in lower case, as younger services want it."""
    return pairs(tags, "key", "value")


def same_map(actual: Any, wanted: Any) -> bool:
    """Whether two maps are the same, keys that only AWS has included (tags, environment variables)."""
    return dict(actual or {}) == dict(wanted or {})


def agree(actual: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether two objects say the same where both say something; the rest is left to AWS."""
    return all(str(actual[key]) == str(wanted[key]) for key in actual.keys() & wanted.keys())


def tags(to: Convert | None = pairs, api: str = "") -> tuple[Prop, Prop]:
    """`tags` and `tagsAll`; `to=None` where the API takes a plain map, `api` where it has another name."""
    return (
        Prop("tags", dict, api, to=to, back=unpairs, same=same_map),
        Prop("tagsAll", dict, output=True),
    )


def parse_json(value: Any) -> Any:
    """What a text holds where it is JSON, else the text itself."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def as_text(value: Any) -> str:
    """A JSON document as text, whether the API gave it parsed or not."""
    return value if isinstance(value, str) else json.dumps(value)


def same_document(actual: Any, wanted: Any) -> bool:
    """Whether two JSON documents say the same: order of keys, and one value or a list of it, are one."""
    return bool(_canonical(parse_json(actual)) == _canonical(parse_json(wanted)))


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _canonical(v) for k, v in value.items()}
    if isinstance(value, list):
        items = sorted((_canonical(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
        return items[0] if len(items) == 1 else items
    return str(value) if isinstance(value, bool | int | float) else value


def document(name: str, api: str = "", *, required: bool = False, replace: bool = False, **more: Any) -> Prop:
    """A property that holds a JSON document as text, compared by what it says."""
    return Prop(name, str, api, back=as_text, same=same_document, required=required, replace=replace, **more)
