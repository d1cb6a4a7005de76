"""The rules of composite alarms: `ALARM("a") OR (OK("b") AND NOT INSUFFICIENT_DATA("c"))`.

Pure. NOT binds before AND, AND before OR. Must never take a rule for sound of which a part was not understood.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: The states that a rule may ask for, by the names of its functions.
STATES: Final = ("ALARM", "OK", "INSUFFICIENT_DATA")

_CONSTANTS: Final = {"TRUE": True, "FALSE": False}
_TOKEN: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[()]|[^\s()"]+)')
_MARK: Final = ":alarm:"

StateOf = Callable[[str], str]


class AlarmRuleError(Exception):
    """A rule that cannot be understood; the text says where."""


@dataclass(frozen=True)
class Condition:
    """A rule or a part of one: the alarms that it names, and whether it holds for their states."""

    names: frozenset[str]
    holds: Callable[[StateOf], bool]


def parse(rule: str) -> Condition:
    """The condition that a rule's text stands for; raises AlarmRuleError."""
    parser = _Parser(rule)
    condition = parser.alternatives()
    parser.expect_end()
    return condition


def alarm_name(text: str) -> str:
    """The name that a rule gives, bare, quoted or as the end of an ARN."""
    bare = re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
    return bare.partition(_MARK)[2] if bare.startswith("arn:") and _MARK in bare else bare


class _Parser:
    """Reads a rule from left to right, a method a level of precedence."""

    def __init__(self, rule: str) -> None:
        found = list(_TOKEN.finditer(rule))
        covered = found[-1].end() if found else 0
        if rule[covered:].strip() or sum(m.end() - m.start() for m in found) != covered:
            raise AlarmRuleError("Error in AlarmRule [Unbalanced quotes]")
        self._tokens = [(m.group(1), m.start(1)) for m in found]
        self._at = 0

    def alternatives(self) -> Condition:
        return self._joined("OR", self._conjunction, any)

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise self._unsupported()

    def _conjunction(self) -> Condition:
        return self._joined("AND", self._negation, all)

    def _joined(self, word: str, part: Callable[[], Condition], over: Callable[[list[bool]], bool]) -> Condition:
        parts = [part()]
        while self._peek() == word:
            self._next()
            parts.append(part())
        names = frozenset[str]().union(*(p.names for p in parts))
        return Condition(names, lambda state_of: over([p.holds(state_of) for p in parts]))

    def _negation(self) -> Condition:
        if self._peek() != "NOT":
            return self._single()
        self._next()
        inner = self._negation()
        return Condition(inner.names, lambda state_of: not inner.holds(state_of))

    def _single(self) -> Condition:
        token = self._peek()
        if token in STATES:
            return self._function()
        if token in _CONSTANTS:
            self._next()
            return Condition(frozenset(), lambda _: _CONSTANTS[token])
        self._take("(")
        inner = self.alternatives()
        self._take(")")
        return inner

    def _function(self) -> Condition:
        wanted = self._next()
        self._take("(")
        if self._peek() in ("", "(", ")"):
            raise self._unsupported()
        name = alarm_name(self._next())
        self._take(")")
        return Condition(frozenset({name}), lambda state_of: state_of(name) == wanted)

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise self._unsupported()
        self._next()

    def _unsupported(self) -> AlarmRuleError:
        if self._at >= len(self._tokens):
            return AlarmRuleError("Error in AlarmRule [Unexpected end of rule]")
        token, at = self._tokens[self._at]
        return AlarmRuleError(f"Error in AlarmRule [Unsupported token '{token}' at char {at}]")
