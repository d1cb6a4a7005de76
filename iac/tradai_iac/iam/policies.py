"""Policies as they are judged, read from the documents that IAM takes.

Must never take a document that IAM would refuse for its form, or one that says something that is not judged here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tradai_iac.iam.conditions import Condition, conditions
from tradai_iac.iam.patterns import ANYTHING

_KNOWN: Final = frozenset({"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"})


@dataclass(frozen=True)
class Statement:
    """One statement; `but_actions` and `but_resources` say that the patterns name what it is not about.

    `principals` (kind → who) are those of a trust or resource policy, empty in what is attached to a role. `of` is the
    policy that it stands in, `number` its place there from 0.
    """

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    but_actions: bool = False
    but_resources: bool = False
    principals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sid: str = ""
    of: str = ""
    number: int = 0

    def __str__(self) -> str:
        return f"statement {self.sid or self.number} of {self.of or 'the policy'}"


def statements(document: Mapping[str, Any], of: str = "") -> tuple[Statement, ...]:
    """The statements of a document; raises ValueError, which names the statement, for one that cannot be judged."""
    found = document["Statement"]
    parts = [found] if isinstance(found, Mapping) else found
    return tuple(_statement(part, of, number) for number, part in enumerate(parts))


def _statement(part: Mapping[str, Any], of: str, number: int) -> Statement:
    try:
        return _read(part, of, number)
    except (ValueError, KeyError) as error:
        raise ValueError(f"statement {number} of {of or 'the policy'}: {error}") from error


def _read(part: Mapping[str, Any], of: str, number: int) -> Statement:
    if unknown := part.keys() - _KNOWN:
        raise ValueError(f"{', '.join(sorted(unknown))} is not judged here")
    if part["Effect"] not in {"Allow", "Deny"}:
        raise ValueError(f"{part['Effect']!r} is neither Allow nor Deny")
    return Statement(
        allows=part["Effect"] == "Allow",
        actions=_one_of(part, "Action"),
        # a trust policy is about the role that it belongs to
        resources=tuple(_checked(_one_of(part, "Resource"))) if "Principal" not in part else _trusted(part),
        conditions=conditions({o: {k: many(v) for k, v in keys.items()} for o, keys in _conditions(part).items()}),
        but_actions="NotAction" in part,
        but_resources="NotResource" in part,
        principals=_principals(part.get("Principal", {})),
        sid=part.get("Sid", ""),
        of=of,
        number=number,
    )


def _one_of(part: Mapping[str, Any], name: str) -> tuple[str, ...]:
    there = [key for key in (name, f"Not{name}") if key in part]
    if len(there) != 1:
        raise ValueError(f"it needs either {name} or Not{name}")
    return many(part[there[0]])


def _trusted(part: Mapping[str, Any]) -> tuple[str, ...]:
    return many(part.get("Resource", ANYTHING))


def _checked(resources: Sequence[str]) -> Iterator[str]:
    for resource in resources:
        if resource != ANYTHING and resource.count(":") < 5:
            raise ValueError(f"{resource!r} is neither an ARN nor *")
        yield resource


def _conditions(part: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = part.get("Condition") or {}
    return found


def _principals(found: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    named = {"AWS": found} if isinstance(found, str) else found
    return tuple((kind, many(who)) for kind, who in named.items())


def many(value: Any) -> tuple[str, ...]:
    """A text, a truth, a number or a list of them, as IAM takes either, as texts."""
    return tuple(map(_text, value)) if isinstance(value, list | tuple) else (_text(value),)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
