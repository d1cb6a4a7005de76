"""Copies of a layer's state in the state bucket, as the engine wrote it: made, listed, put back.

What is secret in a state stays encrypted in its copy. Must never write a state that is another stack's, that the
passphrase or the key does not open, or while somebody holds the stack; and never without a copy of what was there.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from tradai_iac.backend import ORGANIZATION
from tradai_runner.bucket.keys import backup_key, state_key
from tradai_runner.bucket.store import Store
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.lock.stack import hold

_SUFFIX: Final = ".json"
#: Whether what whoever asks has (a passphrase, a key) opens a state file's JSON.
Opens = Callable[[Mapping[str, Any]], bool]


class UnfitError(ValueError):
    """The copy is none that may be put back; the sentence says why."""


def read_state(store: Store, project: str, stack: str) -> bytes | None:
    """The state as it is, None where there is none; raises botocore's errors."""
    return store.get(state_key(project, stack))


def back_up(store: Store, project: str, stack: str, name: str) -> str | None:
    """Copies the state under that name; returns its key, None where there is no state. Raises botocore's errors."""
    body = read_state(store, project, stack)
    if body is None:
        return None
    key = backup_key(project, stack, name)
    store.put(key, body)
    return key


def names(store: Store, project: str, stack: str) -> list[str]:
    """The names of all copies of a stack, the oldest first; those that runs made before a repair are among them."""
    prefix = backup_key(project, stack, "").removesuffix(_SUFFIX)
    return sorted(key.removeprefix(prefix).removesuffix(_SUFFIX) for key in store.keys(prefix))


def read_copy(store: Store, project: str, stack: str, name: str) -> bytes | None:
    """One copy, None where there is none of that name; raises botocore's errors."""
    return store.get(backup_key(project, stack, name))


def put_back(
    store: Store, project: str, stack: str, body: bytes, opens: Opens, registry: RunRegistry, name: str
) -> str | None:
    """Makes `body` the state, and keeps what was there under `name`; returns that copy's key, None for no state.

    Raises UnfitError, HeldError where somebody has the stack, and botocore's errors.
    """
    check(body, project, stack, opens)
    with hold(store, project, stack, registry):
        kept = back_up(store, project, stack, name)
        store.put(state_key(project, stack), body)
    return kept


def check(body: bytes, project: str, stack: str, opens: Opens) -> None:
    """Raises UnfitError for what is no state of this stack, or does not open."""
    try:
        parsed: Any = json.loads(body)
        named = parsed["checkpoint"]["stack"]
        resources = (parsed["checkpoint"].get("latest") or {}).get("resources") or []
        strays = [
            found["urn"] for found in resources if not found["urn"].startswith(f"urn:pulumi:{stack}::{project}::")
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnfitError("this is not a state file of the engine") from None
    expected = f"{ORGANIZATION}/{project}/{stack}"
    if named != expected or strays:
        raise UnfitError(f"this is the state of {named}, not of {expected}")
    if not opens(parsed):
        raise UnfitError("passphrase or key do not open this copy: it was made under another one")
