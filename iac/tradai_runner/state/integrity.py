"""Whether a state file is one that the engine can work on: what the engine itself would refuse, in the order it looks.

Pure: the file's JSON in, the first flaw out. Must never refuse what the engine (3.255.0, `Snapshot.VerifyIntegrity`)
takes, and never print a value of a resource.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_PROVIDER: Final = "pulumi:providers:"


class UnreadableError(ValueError):
    """The file is no state file; the sentence says why."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong with one entry, and what to do about it, for people."""

    urn: str
    what: str
    repair: str


def entries_of(body: Any) -> Sequence[Mapping[str, Any]]:
    """The resources of a state file; raises UnreadableError for what is none."""
    if not isinstance(body, Mapping) or not isinstance(body.get("checkpoint"), Mapping):
        raise UnreadableError("it has no checkpoint")
    latest = body["checkpoint"].get("latest")
    if latest is None:
        return ()
    if not isinstance(latest, Mapping):
        raise UnreadableError("its checkpoint is not an object")
    entries = latest.get("resources") or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise UnreadableError("its resources are not a list of objects")
    return entries


def flaw(body: Any) -> Flaw | None:
    """The first thing that the engine would refuse; raises UnreadableError for what is no state file."""
    entries = entries_of(body)
    return next(_flaws(entries), None)


def _flaws(entries: Sequence[Mapping[str, Any]]) -> Iterator[Flaw]:
    everywhere = {str(entry.get("urn", "")) for entry in entries}
    seen: set[str] = set()
    providers: set[str] = set()
    for number, entry in enumerate(entries):
        yield from _malformed(number, entry)
        urn = str(entry.get("urn", ""))
        if str(entry.get("type", "")).startswith(_PROVIDER):
            providers.add(f"{urn}::{entry.get('id', '')}")
        yield from _without_provider(entry, providers)
        for role, needed in _needs(entry):
            if needed not in seen:
                yield _misplaced(urn, role, needed) if needed in everywhere else _dangling(urn, role, needed)
        seen.add(urn)
    yield from _twice(entries)


def _malformed(number: int, entry: Mapping[str, Any]) -> Iterator[Flaw]:
    urn = str(entry.get("urn") or "")
    for needed in ("urn", "type"):
        if not entry.get(needed):
            yield Flaw(urn, f"entry {number} of its resources has no {needed}", "Remove that entry, or give it one.")
    if entry.get("id") and not entry.get("custom"):
        yield Flaw(urn, "it has an id but is not a resource of a provider", "Take its id away, or mark it as custom.")


def _without_provider(entry: Mapping[str, Any], providers: set[str]) -> Iterator[Flaw]:
    named = entry.get("provider")
    if named and named not in providers and not entry.get("pendingReplacement"):
        yield Flaw(
            str(entry.get("urn", "")),
            f"it refers to the provider {named}, which is not in the state before it",
            "Point it to the provider that is there, or put that provider's entry back before it.",
        )


def _needs(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every entry that has to stand before this one, and as what."""
    if parent := entry.get("parent"):
        yield "parent", parent
    yield from (("dependency", needed) for needed in entry.get("dependencies") or ())
    for needed in (entry.get("propertyDependencies") or {}).values():
        yield from (("dependency", each) for each in needed or ())
    if host := entry.get("deletedWith"):
        yield "host (deletedWith)", host
    yield from (("partner (replaceWith)", needed) for needed in entry.get("replaceWith") or ())


def _misplaced(urn: str, role: str, needed: str) -> Flaw:
    return Flaw(urn, f"its {role} {needed} comes after it", "Move the one that it needs before it.")


def _dangling(urn: str, role: str, needed: str) -> Flaw:
    return Flaw(
        urn, f"its {role} {needed} is not in the state", "Put that entry back before it, or take the reference away."
    )


def _twice(entries: Sequence[Mapping[str, Any]]) -> Iterator[Flaw]:
    """Of one URN, all but one wait for their deletion."""
    times = Counter(str(entry.get("urn", "")) for entry in entries)
    doomed = Counter(str(entry.get("urn", "")) for entry in entries if entry.get("delete"))
    for urn, number in times.items():
        if number - doomed[urn] > 1:
            yield Flaw(urn, f"it is in the state {number} times", "Remove all but the one that AWS has.")
