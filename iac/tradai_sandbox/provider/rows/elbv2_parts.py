"""What the rows of load balancing share: attributes as key and value, actions of listeners and rules, tags.

Must never hold a row.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.calls import Read, retag
from tradai_sandbox.provider.props import Prop, Props
from tradai_sandbox.provider.row import Reader, Work
from tradai_sandbox.provider.translate import as_kind

TAGS: Final = retag("AddTags", "RemoveTags", {"ResourceArns": ["{id}"]})
READ_TAGS: Final = Read("DescribeTags", {"ResourceArns": ["{id}"]}, "TagDescriptions[0]", only=frozenset({"tags"}))

_FORWARD_GROUP: Final = (Prop("arn", api="TargetGroupArn"), Prop("weight", int))
_FORWARD: Final = (
    Prop("targetGroups", list, fields=_FORWARD_GROUP),
    Prop("stickiness", dict, api="TargetGroupStickinessConfig"),
)
#: An action of a listener or a rule.
ACTION: Final = (
    Prop("type"),
    Prop("order", int),
    Prop("targetGroupArn"),
    Prop("fixedResponse", dict, api="FixedResponseConfig"),
    Prop("redirect", dict, api="RedirectConfig"),
    Prop("forward", dict, api="ForwardConfig", fields=_FORWARD),
)


def text(value: Any) -> str:
    """An attribute's value as the API wants it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def flatten(names: Mapping[str, str], inputs: Props) -> list[Props]:
    """The inputs that are attributes (`accessLogs.bucket` → `access_logs.s3.bucket`) as key and value."""
    found = []
    for path, key in names.items():
        head, _, rest = path.partition(".")
        value = (inputs.get(head) or {}).get(rest) if rest else inputs.get(head)
        if value is not None:
            found.append({"Key": key, "Value": text(value)})
    return found


def attributes_reader(names: Mapping[str, str], op: str, arn: str) -> Reader:
    """The reader of a row's attributes; nested ones (`accessLogs.bucket`) make an object of what is not empty."""

    def read(work: Work) -> Props:
        values = {a["Key"]: a["Value"] for a in work.call(op, **{arn: work.id})["Attributes"]}
        found: Props = {}
        for path, key in names.items():
            head, _, rest = path.partition(".")
            if key not in values:
                continue
            if rest:
                found.setdefault(head, {})[rest] = _parsed(values[key])
            else:
                prop = work.row.prop(head)
                found[head] = as_kind(prop.kind if prop else str, values[key])
        return {name: value for name, value in found.items() if not _says_nothing(value)}

    return read


def _says_nothing(value: Any) -> bool:
    """An object of nothing but empty values: access logs that nobody has turned on."""
    return isinstance(value, dict) and not any(value.values())


def _parsed(value: str) -> str | bool:
    return value == "true" if value in ("true", "false") else value
