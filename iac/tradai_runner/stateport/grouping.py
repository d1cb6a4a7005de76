"""Whether a save has to be in the bucket before its engine goes on, or may wait for the next one.

What begins is always there first, so that the bucket names whatever may exist in AWS; what ends may wait where a repair
finds it again by itself. Pure. Must never let anything wait that it does not understand.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tradai_runner.repair.kinds import CREATING, DELETING, HARMLESS
from tradai_runner.state.checkpoint import NO_CLOUD

#: Operations in AWS under way in a state: (kind, URN) → how many; None for a state in a form that is not the engine's.
Begun = Counter[tuple[str, str]] | None

#: As the engine begins it (3.255.0): on one line, without a blank.
_FORM: Final = (b'{"version":', b'"latest":{"manifest":')
#: Half a megabyte of resources comes after the latter, so that no more than this is looked through for it.
_HEAD_BYTES: Final = 4096
_PENDING: Final = b',"pending_operations":'
#: Closes deployment, checkpoint and file.
_END: Final = "}}}"


@dataclass(frozen=True)
class Types:
    """Those that a repair finds again by itself once they were made, and those that hold data.

    A type that says something only once, in the answer to its creation, is none of the former.
    """

    found: frozenset[str]
    data: frozenset[str]

    def learns(self, kind: str, type_: str) -> bool:
        """Whether a repair learns from AWS alone that this has ended, and all that the state has of it."""
        if kind == CREATING:
            return type_ in self.found
        return kind != DELETING or type_ not in self.data


def begun(body: bytes) -> Begun:
    """What a state says to be under way; reads no more of it than that."""
    if not body.startswith(_FORM[0]) or _FORM[1] not in body[:_HEAD_BYTES]:
        return None
    if (at := body.rfind(_PENDING)) < 0:
        return Counter()
    try:
        while (entries := _last_of_its_kind(body[at + len(_PENDING) :].decode())) is None:
            if (at := body.rfind(_PENDING, 0, at)) < 0:
                return None
        return Counter((entry["type"], entry["resource"]["urn"]) for entry in entries if _is_in_aws(entry["resource"]))
    except (ValueError, KeyError, TypeError):
        return None


def _is_in_aws(raw: Mapping[str, Any]) -> bool:
    """Components, stacks and providers are the program's own: no repair ever looks for one."""
    return raw.get("custom") is not False and not type_of(raw["urn"]).startswith(NO_CLOUD)


def _last_of_its_kind(text: str) -> list[dict[str, Any]] | None:
    """The value with which `text` begins, None unless it is the deployment's own: three levels are closed after it.

    A property of a resource that is called the same has the list of resources to close as well. Raises ValueError.
    """
    decoder = json.JSONDecoder()
    value, at = decoder.raw_decode(text)
    while text[at:] != _END:
        if not text.startswith(',"', at):
            return None
        _, at = decoder.raw_decode(text, at + 1)
        _, at = decoder.raw_decode(text, at + 1)
    return list(value)


def has_to_be_there(before: Begun, after: Begun, types: Types) -> bool:
    """Whether the save that leads from one to the other may not wait."""
    if before is None or after is None:
        return True
    began, ended = after - before, before - after
    return any(kind not in HARMLESS for kind, _ in began) or any(
        not types.learns(kind, type_of(urn)) for kind, urn in ended
    )


def type_of(urn: str) -> str:
    """The resource's own type, of a URN with those of its parents."""
    return urn.split("::")[2].rpartition("$")[2] if urn.count("::") > 2 else ""
