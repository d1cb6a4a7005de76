"""Whether what a program registers is within the bounds of AWS's schema of its type: forms, lengths, choices, numbers.

Pure. Must never judge a value that has no place in the schema: it says so, and leaves it to whoever asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_network
from typing import Any, Final

from tests.facts.names import NOWHERE
from tests.facts.schemas import Schema, place

#: What a schema names by a word, and AWS's documentation spells; words that are not here bind nothing.
FORMATS: Final[Mapping[str, str]] = {
    "AWS::ACM::Certificate.Arn": r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[0-9A-Za-z-]+$",
    "AWS::EC2::Image.Id": r"^(ami-([0-9a-f]{8}|[0-9a-f]{17})|resolve:ssm:/.+)$",
    "AWS::EC2::SecurityGroup.Id": r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$",
    "AWS::EC2::Subnet.Id": r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$",
    "AWS::EC2::VPC.Id": r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$",
    "AWS::IAM::Role.Arn": r"^arn:aws:iam::\d{12}:role/[\w+=,.@/-]+$",
    "AWS::Lambda::Function.Arn": r"^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}(:[\w$-]+)?$",
    "AWS::Logs::LogGroup.Name": r"^[.\-_/#A-Za-z0-9]{1,512}$",
    "AWS::S3::Bucket.Name": r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    "AWS::SNS::Topic.Arn": r"^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$",
}


@dataclass(frozen=True)
class Fault:
    """A value that is out of bounds: where it is, in Pulumi's names, and in which way."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


@dataclass(frozen=True)
class Unplaced:
    """A property that has no place in the schema, and no reason in `NOWHERE`."""

    path: str

    def __str__(self) -> str:
        return f"{self.path} has no place in the schema: give it one in tests/facts/names.py, or say why it has none"


def faults(type_: str, inputs: Mapping[str, Any], schema: Schema) -> Iterator[Fault | Unplaced]:
    """Whatever is wrong with a resource's inputs (camelCase) by its schema."""
    yield from _Walk(type_, schema).value("", inputs, schema.shape)


@dataclass(frozen=True)
class _Walk:
    type: str
    schema: Schema

    def value(self, path: str, value: Any, part: Mapping[str, Any]) -> Iterator[Fault | Unplaced]:
        part = self.schema.resolved(part)
        if isinstance(value, Mapping):
            yield from self._members(path, value, part)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from (Fault(path, what) for what in _counted(value, part))
            for each in value:
                yield from self.value(path, each, part.get("items", part))
        elif value is not None:
            yield from (Fault(path, what) for what in self._scalar(value, part))

    def _members(self, path: str, value: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[Fault | Unplaced]:
        known = self.schema.named(part)
        if not known and path:
            return  # a map of words that people choose, of which the schema says nothing
        for name, each in value.items():
            inner = f"{path}/{name}" if path else name
            if inner in NOWHERE.get(self.type, {}):
                continue
            found = place(self.type, inner, known)
            target = part if found == "." else self._at(part, found) if found else None
            if target is None:
                yield Unplaced(inner)
            else:
                yield from self.value(inner, each, target)

    def _at(self, part: Mapping[str, Any], place_: str) -> Mapping[str, Any] | None:
        """The part at `Member/[]/Member` of another; None where there is none."""
        for step in place_.split("/"):
            part = self.schema.resolved(part)
            found = part.get("items", part) if step == "[]" else self.schema.named(part).get(step)
            if found is None:
                return None
            part = found
        return part

    def _scalar(self, value: Any, part: Mapping[str, Any]) -> Iterator[str]:
        """A value has to fit what is said of it, and at least one of what may be said otherwise."""
        for check in (_text, _number, _chosen):
            yield from check(value, part)
        for key in ("anyOf", "oneOf"):
            tried = [list(self._scalar(value, self.schema.resolved(each))) for each in part.get(key, ())]
            if tried and all(tried):
                yield min(tried, key=len)[0]
        for each in part.get("allOf", ()):
            yield from self._scalar(value, self.schema.resolved(each))


def _text(value: Any, part: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(value, str):
        return
    if len(value) > part.get("maxLength", len(value)):
        yield f"{len(value)} characters are more than {part['maxLength']}: {value[:80]!r}"
    if len(value) < part.get("minLength", 0):
        yield f"{len(value)} characters are less than {part['minLength']}: {value!r}"
    for pattern in filter(None, (part.get("pattern"), FORMATS.get(part.get("format", "")))):
        if (fits := _compiled(pattern)) and not fits(value):
            yield f"{value[:120]!r} does not match {pattern}"
    if str(part.get("format", "")).startswith("ipv4-network") and not _is_network(value):
        yield f"{value!r} is no network"


def _number(value: Any, part: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if not part.get("minimum", value) <= value <= part.get("maximum", value):
        yield f"{value:g} is not from {part.get('minimum')} to {part.get('maximum')}"


def _chosen(value: Any, part: Mapping[str, Any]) -> Iterator[str]:
    choices = part.get("enum")
    if choices and _spelled(value) not in {_spelled(choice) for choice in choices}:
        yield f"{value!r} is none of {', '.join(map(str, choices[:12]))}"


def _counted(value: Sequence[Any], part: Mapping[str, Any]) -> Iterator[str]:
    if not part.get("minItems", 0) <= len(value) <= part.get("maxItems", len(value)):
        yield f"{len(value)} are not from {part.get('minItems', 0)} to {part.get('maxItems')}"


def _spelled(value: Any) -> str:
    """Pulumi has numbers as floats, and some services take them as texts."""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _is_network(value: str) -> bool:
    try:
        return bool(ip_network(value))
    except ValueError:
        return False


@cache
def _compiled(pattern: str) -> Callable[[str], Any] | None:
    r"""None for a pattern that Python cannot read: classes of letters (`\p{L}`) of other languages mean any."""
    plain = re.sub(r"\\p\{(\w+)\}", lambda found: {"L": "a-zA-Z", "N": "0-9", "Z": " "}.get(found[1][0], ""), pattern)
    try:
        return re.compile(plain).search
    except re.error:
        return None
