"""The conditions of a statement: operators over the context of a call (IAM User Guide, "Condition operators" and
"Condition with multiple context keys or values").

Must never guess: an operator that is not known here is refused when a policy is read.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tradai_iac.iam.patterns import filled, fits, fits_arn, literal

#: Key, in lower case → its values; a key without values is as if it were not there.
Context = Mapping[str, Sequence[str]]
_Test = Callable[[str, str], bool]

_OPERATOR: Final = re.compile(r"(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?")


def _number(compare: Callable[[float, float], bool]) -> _Test:
    return lambda found, wanted: compare(float(found), float(wanted))


def _date(compare: Callable[[float, float], bool]) -> _Test:
    return lambda found, wanted: compare(_seconds(found), _seconds(wanted))


def _seconds(text: str) -> float:
    """Since 1970, of an ISO 8601 date or of the seconds themselves; raises ValueError for anything else."""
    if re.fullmatch(r"\d{5,}(\.\d+)?", text):
        return float(text)
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(found: str, wanted: str) -> bool:
    network = ipaddress.ip_network(wanted, strict=False)
    address = ipaddress.ip_address(found)
    return address.version == network.version and address in network


#: Operator → whether a value of the context is what a value of the policy wants.
_TESTS: Final[Mapping[str, _Test]] = {
    "StringEquals": lambda found, wanted: found == literal(wanted),
    "StringEqualsIgnoreCase": lambda found, wanted: found.casefold() == literal(wanted).casefold(),
    "StringLike": lambda found, wanted: fits(wanted, found),
    "ArnEquals": lambda found, wanted: fits_arn(wanted, found),
    "ArnLike": lambda found, wanted: fits_arn(wanted, found),
    "Bool": lambda found, wanted: found.casefold() == wanted.casefold(),
    "BinaryEquals": lambda found, wanted: found == wanted,
    "IpAddress": _in_network,
    "NumericEquals": _number(lambda found, wanted: found == wanted),
    "NumericLessThan": _number(lambda found, wanted: found < wanted),
    "NumericLessThanEquals": _number(lambda found, wanted: found <= wanted),
    "NumericGreaterThan": _number(lambda found, wanted: found > wanted),
    "NumericGreaterThanEquals": _number(lambda found, wanted: found >= wanted),
    "DateEquals": _date(lambda found, wanted: found == wanted),
    "DateLessThan": _date(lambda found, wanted: found < wanted),
    "DateLessThanEquals": _date(lambda found, wanted: found <= wanted),
    "DateGreaterThan": _date(lambda found, wanted: found > wanted),
    "DateGreaterThanEquals": _date(lambda found, wanted: found >= wanted),
}
#: The negated form of an operator → the operator.
_NEGATED: Final = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
_EXISTS: Final = "Null"


@dataclass(frozen=True)
class Condition:
    """One key under one operator; `over` is how a key of several values is judged, empty where it has but one."""

    key: str
    operator: str
    values: tuple[str, ...]
    over: str = ""
    if_exists: bool = False

    def holds(self, context: Context) -> bool:
        """Whether the call's context is what this wants."""
        found = context.get(self.key.lower(), ())
        if self.operator == _EXISTS:
            return (str(not found).lower()) in {value.lower() for value in self.values}
        if not found:
            return self.if_exists or self.over == "ForAllValues" or (self._negated and not self.over)
        if not self.over and len(found) > 1:
            return self._negated  # such a key wants ForAllValues or ForAnyValue: without, no value is the wanted one
        judged = any if self.over == "ForAnyValue" else all
        return judged(self._one(value, context) for value in found)

    @property
    def _negated(self) -> bool:
        return self.operator in _NEGATED

    def _one(self, found: str, context: Context) -> bool:
        """Of the policy's values one must fit, or with a negated operator none may."""
        test = _TESTS[_NEGATED.get(self.operator, self.operator)]
        wanted = (filled(value, context) for value in self.values)
        return self._negated != any(value is not None and _judged(test, found, value) for value in wanted)


def _judged(test: _Test, found: str, wanted: str) -> bool:
    """What is not of the operator's kind (a word for a number) does not fit."""
    try:
        return test(found, wanted)
    except ValueError:
        return False


def conditions(document: Mapping[str, Mapping[str, Sequence[str]]]) -> tuple[Condition, ...]:
    """The conditions of a statement, all of which must hold; raises ValueError for an operator that is not known."""
    return tuple(
        _condition(operator, key, tuple(values)) for operator, keys in document.items() for key, values in keys.items()
    )


def _condition(operator: str, key: str, values: tuple[str, ...]) -> Condition:
    parts = _OPERATOR.fullmatch(operator)
    if not parts or parts[2] not in {*_TESTS, *_NEGATED, _EXISTS}:
        raise ValueError(f"{operator} is no operator that is known here")
    return Condition(key, parts[2], values, parts[1] or "", bool(parts[3]))
