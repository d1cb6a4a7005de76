"""A live environment as plain boto3 clients see it: reads, remembers, never writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

Facts = Mapping[str, object]


class AbsentError(Exception):
    """What the documents name is not in the environment."""


@dataclass(frozen=True)
class Missing:
    """The value read when there is nothing to read; it equals no documented value."""

    why: str

    def __str__(self) -> str:
        return f"missing: {self.why}"


@dataclass
class Live:
    """One environment (dev, staging or prod) behind `clients`, which gives a boto3 client for a service.

    Answers are kept: a check a value must not cost a call a value.
    """

    clients: Callable[[str], Any]
    env: str
    _memory: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def once(self, key: tuple[object, ...], read: Callable[[], Any]) -> Any:
        """What `read` answered the first time for `key`."""
        if key not in self._memory:
            self._memory[key] = _answer(read)
        answer = self._memory[key]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pages(self, service: str, operation: str, result: str, **arguments: object) -> list[Any]:
        """All items under `result` of a list operation, over all its pages."""
        key = (service, operation, result, repr(sorted(arguments.items())))
        return list(self.once(key, lambda: _all_pages(self.clients(service), operation, result, arguments)))

    def facts(self, kind: str, name: str, read: Callable[[Live, str], Facts]) -> Facts | Missing:
        """The facts of one subject; `Missing` when AWS says so. A lost connection raises."""
        try:
            facts: Facts = self.once(("facts", kind, name), lambda: read(self, name))
        except AbsentError as absent:
            return Missing(str(absent))
        except ClientError as error:
            return Missing(f"{error.operation_name}: {error.response['Error'].get('Code', 'unknown')}")
        return facts


def _answer(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (AbsentError, ClientError) as error:
        return error


def _all_pages(client: Any, operation: str, result: str, arguments: Mapping[str, object]) -> list[Any]:
    if not client.can_paginate(operation):
        return list(getattr(client, operation)(**arguments).get(result, []))
    pages = client.get_paginator(operation).paginate(**arguments)
    return [item for page in pages for item in page.get(result, [])]


def one(items: list[Any], what: str) -> Any:
    """The only item.

    Raises:
        AbsentError: there is none, or more than one claims to be it.
    """
    if len(items) != 1:
        raise AbsentError(f"{len(items)} of {what}, not one")
    return items[0]


def tags_of(pairs: list[Mapping[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    """AWS's list of tag pairs as a mapping; the services spell the two keys differently."""
    return {pair[key]: pair[value] for pair in pairs}


def of_environment(name: str, env: str) -> bool:
    """Whether a name follows 002 §9.1 for this environment: `tradai-{component}-{env}`."""
    return name.startswith("tradai-") and name.endswith(f"-{env}")
