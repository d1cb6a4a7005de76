"""How one type of resource is looked up in AWS, declared as a row, and the asking.

A row is data: a call, its parameters and what to take of the answer. Must never write anything in AWS.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from string import Template
from typing import Any, Final

import jmespath
from botocore.exceptions import ClientError

from tradai_iac.tags import URN_TAG

Clients = Callable[[str], Any]

#: What a service takes to agree with itself, where its row says nothing else: seconds after which a look that finds
#: nothing can be believed. AWS promises none; these are what its documents and its own provider wait for.
AGREES: Final = 120.0
#: Answers go on by these where boto3 knows no pages of them: part of the answer → parameter.
_TOKENS: Final = ("NextToken", "nextToken", "NextMarker")
_MOST_PAGES: Final = 1000
#: No time in seconds is that large for centuries.
_THOUSANDTHS: Final = 1e11

#: How AWS says that something is not there.
_GONE: Final = re.compile(r"NotFound|NoSuch|NonExist|NotExist|DoesNotExist", re.IGNORECASE)


@dataclass(frozen=True)
class Tags:
    """The call that tells a found resource's tags; `params` may name what was found of it (`$id`, `$arn`)."""

    call: str
    params: Mapping[str, Any]
    at: str


@dataclass(frozen=True)
class Find:
    """One type.

    - `params` and `found` may name inputs (`$name`) and the URN's tag (`$tag`); `found` is JMESPath and gives a list
      of objects with `id`; `arn` where there is one; `ready`, where AWS takes its time to make it; `tags`, where
      the answer has them.
    - `tags` asks for them otherwise. A type with neither takes no tags: its parent and name identify it.
    - `tagged_later`: the tags are put after it was made, so that it may be there without any.
    - `parsed`: a part of the answer that is JSON as text.
    - `own_ids`: ids (or ARNs) are AWS's own and never come twice; else they are names, which may.
    - `agrees`: how many seconds the service takes to agree with itself.
    """

    type: str
    service: str
    call: str
    params: Mapping[str, Any]
    found: str
    tags: Tags | None = None
    tagged_later: bool = False
    parsed: str = ""
    own_ids: bool = False
    agrees: float = AGREES

    def place(self, inputs: Mapping[str, Any]) -> str | None:
        """The name, and the parent's, by which these inputs are looked up: at one place there is only ever one.

        None where inputs lack, and for a type that is looked up among all.
        """
        names = sorted({*Template(f"{json.dumps(self.params)} {self.found}").get_identifiers()} - {"tag"})
        if not names or not inputs.keys() >= set(names):
            return None
        return json.dumps([_text(inputs[name]) for name in names])


@dataclass(frozen=True)
class Found:
    """One resource in AWS; `mark` is its `tradai:urn`, empty where it has none, None where its type takes no tags.

    `made` is when AWS made it (seconds since the epoch), None where its type does not tell.
    """

    id: str
    arn: str | None
    ready: bool
    mark: str | None
    made: float | None = None

    @property
    def more(self) -> dict[str, str]:
        """Outputs beside the inputs."""
        return {"arn": self.arn} if self.arn else {}


class CutShortError(Exception):
    """An answer that is not whole, so that what it lacks may be there."""


@dataclass(frozen=True)
class Asker:
    """Asks AWS by rows; raises botocore's errors, CutShortError, and KeyError for an input that lacks."""

    clients: Clients
    made: dict[str, Any] = field(default_factory=dict)

    def ask(self, row: Find, inputs: Mapping[str, Any], tag: str) -> list[Found]:
        """All that the row finds."""
        values = {name: _text(value) for name, value in inputs.items()} | {"tag": tag}
        answer = self._answer(row.service, row.call, _filled(row.params, values))
        if row.parsed and row.parsed in answer:
            answer = {**answer, row.parsed: json.loads(answer[row.parsed])}
        quoted = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in values.items()}
        items = jmespath.search(Template(row.found).substitute(quoted), answer) or []
        return [self._found(row, item) for item in items if item and item.get("id")]

    def _found(self, row: Find, item: Mapping[str, Any]) -> Found:
        mark = None
        if "tags" in item:
            mark = mark_in(item["tags"])
        elif row.tags:
            answer = self._answer(row.service, row.tags.call, _filled(row.tags.params, item))
            mark = mark_in(jmespath.search(row.tags.at, answer))
        return Found(
            str(item["id"]), item.get("arn"), item.get("ready", True) is not False, mark, _moment(item.get("made"))
        )

    def _answer(self, service: str, call: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The whole answer over all pages, empty where AWS says that it is not there."""
        client = self.clients(service)
        try:
            if client.can_paginate(call):
                pages: dict[str, Any] = client.get_paginator(call).paginate(**params).build_full_result()
                return pages
            return _whole(getattr(client, call), params)
        except ClientError as error:
            if _GONE.search(error.response["Error"]["Code"]):
                return {}
            raise


def _whole(call: Callable[..., dict[str, Any]], params: Mapping[str, Any]) -> dict[str, Any]:
    """An answer that boto3 does not page, with what follows it; raises CutShortError where something is left out."""
    answer = call(**params)
    if refused := [found for found in answer.get("failures") or () if found.get("reason") != "MISSING"]:
        raise CutShortError(f"AWS could not look everything up: {refused[0]}")
    whole, seen = dict(answer), set[str]()
    while token := next((name for name in _TOKENS if answer.get(name)), None):
        if answer[token] in seen or len(seen) > _MOST_PAGES:
            raise CutShortError(f"AWS's answer does not come to an end: {token}")
        seen.add(answer[token])
        answer = call(**params, **{token: answer[token]})
        whole |= {key: [*whole.get(key, []), *value] for key, value in answer.items() if isinstance(value, list)}
    return whole


def _moment(value: Any) -> float | None:
    """A time in any of AWS's spellings, in seconds since the epoch; Logs counts thousandths."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000 if value > _THOUSANDTHS else float(value)
    return None


def mark_in(tags: Any) -> str:
    """The value of `tradai:urn` in any of AWS's spellings of tags, empty where there is none."""
    if isinstance(tags, Mapping):
        return str(tags.get(URN_TAG, ""))
    for tag in tags or ():
        key, value = (tag.get(f"{prefix}{end}") for prefix, end in _spelled(tag))
        if key == URN_TAG:
            return str(value)
    return ""


def _spelled(tag: Mapping[str, Any]) -> tuple[tuple[str, str], tuple[str, str]]:
    if "TagKey" in tag:
        return ("Tag", "Key"), ("Tag", "Value")
    return (("", "Key"), ("", "Value")) if "Key" in tag else (("", "key"), ("", "value"))


def _filled(params: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(params, str):
        return Template(params).substitute(values)
    if isinstance(params, Mapping):
        return {key: _filled(value, values) for key, value in params.items()}
    return [_filled(value, values) for value in params] if isinstance(params, list) else params


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
