"""Whether a save has to be in the bucket before its engine goes on, or may wait for the next one.

What begins is always there first, so that the bucket names whatever may exist in AWS; what ends may wait where a repair
finds it again by itself. Pure. Must never let anything wait that it does not understand.
"""

import json
from collections import Counter
from collections.abc import Collection
from typing import Final

from tradai_iac.runner.repair.pending import CREATING, DELETING, HARMLESS
from tradai_iac.runner.repair.rows import FINDS, is_again

#: Operations under way in a state: (kind, URN) → how many; None for a state in a form that is not the engine's own.
Begun = Counter[tuple[str, str]] | None

#: As the engine indents it: nothing deeper in a state, and no text in it, begins a line like that.
_PENDING: Final = b'\n            "pending_operations": '
_FORM: Final = (b'{\n    "version": ', b'\n        "latest": {\n')
#: Half a megabyte of resources comes after the latter, so that no more than this is looked through for it.
_HEAD_BYTES: Final = 4096


def begun(body: bytes) -> Begun:
    """What a state says to be under way; reads no more of it than that."""
    if not body.startswith(_FORM[0]) or _FORM[1] not in body[:_HEAD_BYTES]:
        return None
    at = body.rfind(_PENDING)
    if at < 0:
        return Counter()
    try:
        entries, _ = json.JSONDecoder().raw_decode(body[at + len(_PENDING) :].decode())
        return Counter((entry["type"], entry["resource"]["urn"]) for entry in entries)
    except (ValueError, KeyError, TypeError):
        return None


def has_to_be_there(before: Begun, after: Begun, data: Collection[str]) -> bool:
    """Whether the save that leads from one to the other may not wait; `data` are the types that hold data."""
    if before is None or after is None:
        return True
    began, ended = after - before, before - after
    return any(kind not in HARMLESS for kind, _ in began) or any(
        not _is_found_again(kind, type_of(urn), data) for kind, urn in ended
    )


def _is_found_again(kind: str, type_: str, data: Collection[str]) -> bool:
    """Whether a repair learns from AWS alone that this has ended, and all that the state has of it.

    A type that says something only once, in the answer to its creation, must not get a row of `FINDS`.
    """
    if kind == CREATING:
        return type_ in FINDS or is_again(type_)
    return kind != DELETING or type_ not in data


def type_of(urn: str) -> str:
    """The resource's own type, of a URN with those of its parents."""
    return urn.split("::")[2].rpartition("$")[2] if urn.count("::") > 2 else ""
