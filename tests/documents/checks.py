"""The fixture's rows as checks: one documented value of one subject, with how it is read and compared.

A row of `values/*.yaml` names a section, a kind (a reader), the subjects and the facts expected of them.
`{env}` in text is the environment; a mapping with the keys dev, staging and prod is a value for each, where
null says that the documents leave it open there; `{includes: ...}` asks for at least these items,
`{within: [...]}` for none but these, `{at least: n}` for a number, `{ends with: ...}` for text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.documents.live import Live, Missing
from tests.documents.readers import READERS

ENVIRONMENTS = ("dev", "staging", "prod")
VALUES = Path(__file__).with_name("values")
ROW_KEYS = {"section", "kind", "name", "names", "only", "facts"}


@dataclass(frozen=True)
class Check:
    """One value of the documents: `section` as "002 §3.2", `expected` as the document has it."""

    section: str
    kind: str
    subject: str
    fact: str
    expected: object

    @property
    def what(self) -> str:
        """Subject and fact, as a person would ask for them."""
        return f"{self.subject} {self.fact}"

    def read(self, live: Live) -> object:
        """The value in the live environment; `Missing` when there is nothing to read."""
        facts = live.facts(self.kind, self.subject, READERS[self.kind])
        return facts if isinstance(facts, Missing) else facts.get(self.fact, Missing("not stated by AWS"))

    def agrees(self, value: object) -> bool:
        """Whether the value read is the documented one."""
        return _agrees(self.expected, value)


def _agrees(expected: object, value: object) -> bool:
    match expected:
        case {"includes": dict() as wanted}:
            return isinstance(value, Mapping) and wanted.items() <= value.items()
        case {"includes": list() as wanted}:
            return isinstance(value, list) and all(item in value for item in wanted)
        case {"within": allowed}:
            return isinstance(value, list) and all(item in allowed for item in value)
        case {"at least": least}:
            return isinstance(value, int) and value >= least
        case {"ends with": end}:
            return isinstance(value, str) and value.endswith(end)
        case bool() | int():
            return type(value) is type(expected) and value == expected
        case _:
            return value == expected


def load_checks(env: str) -> list[Check]:
    """Every check that the documents ask of `env`, in the order of the files."""
    return [check for path in sorted(VALUES.glob("*.yaml")) for check in _of_file(path, env)]


@cache
def _rows(text: str) -> tuple[dict[str, Any], ...]:
    """A file's rows, parsed once a process however often checks are loaded; nobody may change them."""
    return tuple(yaml.safe_load(text))


def _of_file(path: Path, env: str) -> Iterator[Check]:
    for row in _rows(path.read_text(encoding="utf-8")):
        unknown = set(row) - ROW_KEYS
        if unknown or row["kind"] not in READERS:
            raise ValueError(f"{path.name}, {row.get('section')}: unknown {unknown or row['kind']}")
        if env in row.get("only", ENVIRONMENTS):
            yield from _of_row(row, env)


def _of_row(row: Mapping[str, object], env: str) -> Iterator[Check]:
    names, facts = row.get("names", [row.get("name")]), row["facts"]
    if not isinstance(names, list) or not isinstance(facts, Mapping):
        raise TypeError(f"{row['section']}: names is a list, facts a mapping")
    for name in names:
        for fact, documented in facts.items():
            expected = _for_env(documented, env)
            if expected is not None:
                yield Check(
                    str(row["section"]), str(row["kind"]), str(_for_env(name, env)), str(_for_env(fact, env)), expected
                )


def _for_env(value: object, env: str) -> object:
    match value:
        case str():
            return value.replace("{env}", env)
        case list():
            return [_for_env(item, env) for item in value]
        case dict() if set(value) == set(ENVIRONMENTS):
            return _for_env(value[env], env)
        case dict():
            return {_for_env(key, env): _for_env(item, env) for key, item in value.items()}
        case _:
            return value
