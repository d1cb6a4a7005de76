"""IAM's patterns: `*` stands for any characters, `?` for one; in an ARN each of its six parts is matched by itself.

Must never know what a pattern is for.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

ANYTHING: Final = "*"
_PARTS: Final = 6
#: `${key}` or `${key, 'default'}`; `${*}`, `${?}` and `${$}` are those characters themselves.
_VARIABLE: Final = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")
#: Where a pattern has a wildcard character that stands for itself: characters that no text of AWS's has.
_LITERAL: Final = {"*": "\ue000", "?": "\ue001", "$": "$"}


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is what the pattern describes; case counts."""
    return bool(_expression(pattern).fullmatch(text))


def fits_arn(pattern: str, arn: str) -> bool:
    """The same for ARNs, part by part; a bare `*` fits everything."""
    if pattern == ANYTHING:
        return True
    wanted, found = pattern.split(":", _PARTS - 1), arn.split(":", _PARTS - 1)
    return len(wanted) == len(found) and all(map(fits, wanted, found))


def filled(pattern: str, context: Mapping[str, Sequence[str]]) -> str | None:
    """The pattern with the values of its variables; None where one has no single value, so that nothing fits it."""
    parts: list[str] = []
    end = 0
    for found in _VARIABLE.finditer(pattern):
        value = _value(found, context)
        if value is None:
            return None
        parts += [pattern[end : found.start()], value]
        end = found.end()
    return "".join([*parts, pattern[end:]])


def _value(found: re.Match[str], context: Mapping[str, Sequence[str]]) -> str | None:
    key, default = found[1].strip(), found[2]
    if key in _LITERAL:
        return _LITERAL[key]
    values = context.get(key.lower(), ())
    value = values[0] if len(values) == 1 else default
    return None if value is None else value.replace("*", _LITERAL["*"]).replace("?", _LITERAL["?"])


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    meant = {"*": ".*", "?": ".", _LITERAL["*"]: r"\*", _LITERAL["?"]: r"\?"}
    return re.compile("".join(meant.get(character, re.escape(character)) for character in pattern), re.DOTALL)


def literal(pattern: str) -> str:
    """A filled pattern as plain text, for operators that know no wildcards."""
    return pattern.replace(_LITERAL["*"], "*").replace(_LITERAL["?"], "?")


def meet(one: str, other: str) -> bool:
    """Whether there is a text that both patterns describe."""
    return one in {other, ANYTHING} or other == ANYTHING or _meet(one, other)


@cache
def _meet(one: str, other: str) -> bool:
    if not one or not other:
        return set(one + other) <= {ANYTHING}
    if one[0] == ANYTHING or other[0] == ANYTHING:
        open_, plain = (one, other) if one[0] == ANYTHING else (other, one)
        return _meet(open_[1:], plain) or _meet(open_, plain[1:])
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _meet(one[1:], other[1:])


def meet_arns(one: str, other: str) -> bool:
    """The same of patterns of ARNs, part by part."""
    if ANYTHING in (one, other):
        return True
    ours, theirs = one.split(":", _PARTS - 1), other.split(":", _PARTS - 1)
    return len(ours) == len(theirs) and all(map(meet, ours, theirs))
