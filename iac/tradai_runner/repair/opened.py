"""Runs that began to write a state and never said that all of it is there, and what that state may lack of theirs.

Where somebody else wrote it meanwhile, the run's own last state lies beside it. Must never take from that copy what AWS
has not confirmed: it only says what is to be looked up.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import opened_key, opened_prefix, unsaved_key
from tradai_runner.bucket.store import Store
from tradai_runner.repair.kinds import CREATING
from tradai_runner.repair.pending import resources_of, with_creations
from tradai_runner.state.checkpoint import NO_CLOUD, SECRET, masked
from tradai_runner.state.missing import Stack
from tradai_runner.state.notes import UnfitStateError
from tradai_runner.state.reading import parse_state


@dataclass(frozen=True)
class Overlooked:
    """What a state lacks of a run's own: creations as a state notes them, and URNs that may have changed since."""

    creations: tuple[Mapping[str, Any], ...] = ()
    changed: tuple[str, ...] = ()


def opened_runs(store: Store, project: str, stack: str) -> tuple[str, ...]:
    """Their ids; raises botocore's errors."""
    prefix = opened_prefix(project, stack)
    return tuple(key.removeprefix(prefix).removesuffix(".json") for key in store.keys(prefix))


def begun_at(store: Store, project: str, stack: str, runs: Sequence[str]) -> float | None:
    """When the first of these began to write, in seconds since the epoch; None where none says so, as earlier versions.

    What they were making was not made before. Raises botocore's errors.
    """
    moments = (_since(store.get(opened_key(project, stack, run))) for run in runs)
    return min((moment for moment in moments if moment is not None), default=None)


def _since(note: bytes | None) -> float | None:
    try:
        return float(json.loads(note or b"{}")["since"])
    except (ValueError, KeyError, TypeError):
        return None


def close_runs(store: Store, project: str, stack: str, runs: Sequence[str]) -> None:
    """All that they left was looked up."""
    for run in runs:
        store.delete(opened_key(project, stack, run))


@dataclass(frozen=True)
class Completed:
    """A state with what it lacks of runs' own noted as interrupted creations, and what is to be read anew.

    `spare` are resources that what was made may hang on, and that are nothing in AWS: components and providers.
    """

    body: dict[str, Any]
    changed: tuple[str, ...]
    spare: tuple[Mapping[str, Any], ...]


def completed(store: Store, project: str, stack: str, body: Mapping[str, Any], runs: Sequence[str]) -> Completed:
    """The state with what it lacks of these runs.

    Raises UnfitStateError for a copy that cannot be read, and botocore's errors.
    """
    changed: dict[str, None] = {}
    spare: list[Mapping[str, Any]] = []
    for copy in filter(None, (_copy(store, project, stack, run) for run in runs)):
        fit = dict if _encrypts(copy) == _encrypts(body) else _plain
        found = overlooked(body, copy)
        body = with_creations(body, map(fit, found.creations)) if found.creations else body
        changed |= dict.fromkeys(found.changed)
        spare += (fit(raw) for raw in resources_of(copy) if raw["type"].startswith(NO_CLOUD) and not raw.get("delete"))
    return Completed(dict(body), tuple(changed), tuple(spare))


def overlooked(body: Mapping[str, Any], copy: Mapping[str, Any]) -> Overlooked:
    """What a state lacks of a copy that was not saved. Pure."""
    there = resources_of(body)
    known = {(raw["urn"], raw.get("id")) for raw in there}
    pending = {entry["resource"]["urn"] for entry in _pending(body)}
    made = [raw for raw in resources_of(copy) if raw.get("custom") and not raw.get("delete")]
    begun = [entry["resource"] for entry in _pending(copy) if entry["type"] == CREATING]
    lacking = {raw["urn"]: raw for raw in [*made, *begun] if (raw["urn"], raw.get("id")) not in known}
    same = resources_of(copy)
    return Overlooked(
        tuple(raw for urn, raw in lacking.items() if urn not in pending),
        tuple(raw["urn"] for raw in there if raw.get("custom") and raw not in same),
    )


def _encrypts(body: Mapping[str, Any]) -> Any:
    """By what: the engine takes another salt for every run."""
    return (body.get("checkpoint", {}).get("latest") or {}).get("secrets_providers")


def _plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is encrypted, which a state with another salt could not open: the next update writes it."""
    parts = {part: raw[part] for part in ("inputs", "outputs") if raw.get(part)}
    return {**raw} | {part: _without_secrets(values) for part, values in parts.items()}


def _without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if json.dumps(SECRET) not in json.dumps(masked(value))}


def _pending(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((body.get("checkpoint", {}).get("latest") or {}).get("pending_operations") or ())


def _copy(store: Store, project: str, stack: str, run: str) -> dict[str, Any] | None:
    """The state that a run could not save, None where it has saved all."""
    key = unsaved_key(project, stack, run)
    body = store.get(key)
    if body is None:
        return None
    reading = parse_state(body, Stack(project, stack))
    if reading.failure:
        raise UnfitStateError(_unreadable(key, opened_key(project, stack, run), reading.failure.error))
    return dict(json.loads(body))


def _unreadable(key: str, opened: str, why: str) -> Failure:
    return Failure(
        kind="Unresolved",
        error=f"what a run could not save is kept as {key} of the state bucket, which cannot be used: {why}",
        hint="Nothing was touched. Put an older version of that object back, or look up yourself that the state lacks "
        f"nothing that stands in AWS, and remove {opened} of the state bucket; it goes on by itself then.",
    )
