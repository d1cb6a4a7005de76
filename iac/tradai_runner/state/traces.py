"""What the state bucket still has of a stack whose state is not there, and our own note of whether it stands.

The note is one object a stack: written before the first run makes the stack, again once something of it stands, and
again once it was destroyed. Must never leave a trace out because it cannot be read.
"""

import json
from typing import TYPE_CHECKING

from tradai_runner.bucket.keys import history_prefix, owner_key, repair_key, state_key, stood_key
from tradai_runner.state.checkpoint import parse_checkpoint
from tradai_runner.state.missing import Stack, Traces

if TYPE_CHECKING:
    from tradai_runner.bucket.store import Store


def find(store: "Store", stack: Stack, *, known: bool) -> Traces:
    """All that says whether the stack stood; raises botocore's ClientError and connection errors."""
    at = (stack.project, stack.name)
    mark = read_mark(store, stack)
    beside = store.keys(state_key(*at))
    return Traces(
        known=known,
        mark=mark,
        copies=tuple(key for key in (*_copies(beside), *_newest(store, stack)) if _has_resources(store, key)),
        mending=store.get(repair_key(*at)) is not None,
        owned=store.get(owner_key(*at)) is not None,
        history=mark is None and _was_ready(store, stack),
        packed=any(key.endswith(".gz") for key in beside),
    )


def read_mark(store: "Store", stack: Stack) -> bool | None:
    """Whether the stack stands as our runs noted it, None where none did; what cannot be read says that it does."""
    body = store.get(stood_key(stack.project, stack.name))
    if body is None:
        return None
    try:
        return json.loads(body)["stands"] is not False
    except (ValueError, KeyError, TypeError):
        return True


def write_mark(store: "Store", stack: Stack, *, stands: bool) -> None:
    """Notes it; raises botocore's errors."""
    store.put(stood_key(stack.project, stack.name), json.dumps({"stands": stands}).encode())


def _copies(beside: list[str]) -> list[str]:
    """The copy that the engine makes whenever it saves."""
    return [key for key in beside if key.endswith(".bak")]


def _newest(store: "Store", stack: Stack) -> list[str]:
    """What the engine kept of its last update: their names sort by time."""
    kept = store.keys(f".pulumi/history/{stack.project}/{stack.name}/")
    return sorted(key for key in kept if ".checkpoint.json" in key)[-1:]


def _has_resources(store: "Store", key: str) -> bool:
    """Whether a copy has anything of a cloud; one that cannot be read may have."""
    body = store.get(key)
    if body is None:
        return False
    try:
        found = parse_checkpoint(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError):
        return True
    return found.stands or bool(found.interrupted)


def _was_ready(store: "Store", stack: Stack) -> bool:
    """Whether the layer has run for any success of the environment."""
    keys = store.keys(history_prefix(stack.system, stack.name))
    return any(_names(store.get(key), stack.layer) for key in keys)


def _names(body: bytes | None, layer: str) -> bool:
    if body is None:
        return False
    try:
        return layer in str(json.loads(body).get("layers", "")).split(", ")
    except (ValueError, AttributeError):
        return True
