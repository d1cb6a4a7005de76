"""Looks at the runs that a status names, and takes what is seen into it.

Must never start or stop a run; secret outputs are written before the status forgets the run, so that a crash in
between does it again.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tradai_operator.model import EnvironmentStatus, Metadata, keys
from tradai_operator.ports import Cluster, Executor, ForeignError, Ref
from tradai_operator.status import called_off
from tradai_operator.status.drift import look_handles, look_lost, looked, looks
from tradai_operator.status.outcomes import finished, log_command, lost, not_started, progressed, with_layer
from tradai_runner.contract import RunRequest, RunResult
from tradai_runner.journal.seal import WrongPassphraseError, unseal


async def observe(
    meta: Metadata, status: EnvironmentStatus, executor: Executor, now: float
) -> tuple[EnvironmentStatus, dict[str, RunResult]]:
    """The status with every run's news, and handle → result of those that ended."""
    asked = meta.annotations.cancelled_runs
    ended: dict[str, RunResult] = {}
    for layer in status.layers:
        if layer.run is None:
            continue
        seen = await executor.observe(layer.run.handle)
        if seen.result:
            ended[layer.run.handle] = seen.result
            log = f"{log_command(meta.name, layer.name)} (run {layer.run.id})"
            status = finished(status, layer, seen.result, log, now)
        elif seen.lost:
            status = lost(status, layer, now, seen.why)
        elif seen.progress:
            counts = seen.progress.resources.model_dump()
            status = with_layer(status, progressed(layer, counts, seen.progress.current))
        status = called_off.ended(status, layer, asked, meta.generation, now)
    status, looked = await observe_looks(status, executor, now, asked)
    return status, ended | looked


async def observe_looks(
    status: EnvironmentStatus, executor: Executor, now: float, asked: Collection[str]
) -> tuple[EnvironmentStatus, dict[str, RunResult]]:
    """The same of the looks for drift, whose progress nobody is told; `asked` are the ids that were called off."""
    ended: dict[str, RunResult] = {}
    for found in looks(status):
        handle = found.run.handle if found.run else ""
        seen = await executor.observe(handle)
        if seen.result:
            ended[handle] = seen.result
            status = looked(status, found, seen.result, now)
        elif seen.lost:
            status = look_lost(status, found, now, seen.why)
        stopped = seen.lost or (seen.result is not None and seen.result.drift is None)
        status = called_off.look_ended(status, found, asked, now, stopped=stopped)
    return status, ended


def unbegun(status: EnvironmentStatus, handles: Mapping[str, str], now: float) -> EnvironmentStatus:
    """The status once the starts of these runs (handle → why) came to nothing."""
    for layer in status.layers:
        if layer.run and layer.run.handle in handles:
            status = lost(status, layer, now, not_started(handles[layer.run.handle]))
    for found in looks(status):
        if found.run and found.run.handle in handles:
            status = look_lost(status, found, now, not_started(handles[found.run.handle]))
    return status


def never_began(request: RunRequest) -> RunResult:
    """The end of a run whose start came to nothing."""
    failure = not_started("the run did not begin")
    return RunResult(
        run_id=request.run_id, layer=request.layer, operation=request.operation, outcome="failed", failure=failure
    )


def runs_of(status: EnvironmentStatus) -> frozenset[str]:
    """The handles of the runs that a status names."""
    return frozenset([layer.run.handle for layer in status.layers if layer.run] + look_handles(status))


async def publish_secrets(
    env: Metadata,
    status: EnvironmentStatus,
    results: Mapping[str, RunResult],
    passphrases: Sequence[str],
    cluster: Cluster,
) -> EnvironmentStatus:
    """Writes the secret outputs of ended runs to the Secret `<name>-outputs`, and says where it may not.

    A Secret of that name that somebody else made is left alone. Raises ClusterError.
    """
    changed = [result for result in results.values() if result.outcome == "succeeded" and result.operation != "preview"]
    if not changed or env.deleting:
        return status
    found = {result.layer: _opened(result, passphrases) for result in changed}
    opened = {layer: values for layer, values in found.items() if values is not None}
    name, owner = f"{env.name}-outputs", Ref(env.namespace, env.name, env.uid)
    try:
        before = dict(await cluster.own_secret(env.namespace, name, owner) or {})
    except ForeignError:
        return _withheld(status, opened, name)
    after = dict(before)
    for layer, values in opened.items():
        after = {key: value for key, value in after.items() if not key.startswith(f"{layer}.")}
        after |= {f"{layer}.{key}": _text(value) for key, value in values.items()}
    if after != before:
        await cluster.write_secret(env.namespace, name, after, owner)
    return status.model_copy(update={"outputs_withheld": _unopened([layer for layer in found if layer not in opened])})


def _withheld(status: EnvironmentStatus, opened: Mapping[str, Mapping[str, Any]], name: str) -> EnvironmentStatus:
    layers = ",".join(layer for layer, values in opened.items() if values)
    text = (
        f"Secret {name} was not made by this resource and is left alone, so the secret outputs of {layers} are "
        f"not stored: rename or remove it, then set the annotation {keys.RECONCILE}={layers}@<anything new>"
    )
    return status.model_copy(update={"outputs_withheld": text}) if layers else status


def _unopened(layers: Sequence[str]) -> str:
    if not layers:
        return ""
    named = ",".join(layers)
    return (
        f"the passphrase was changed while {named} ran, and the one that the run used is no longer known, so its "
        f"secret outputs cannot be read: set the annotation {keys.RECONCILE}={named}@<anything new> to run it again"
    )


def _opened(result: RunResult, passphrases: Sequence[str]) -> Mapping[str, Any] | None:
    """The run's secret outputs; None where nothing that it can have been given opens them."""
    for passphrase in passphrases:
        with suppress(WrongPassphraseError):
            return unseal(result.sealed, passphrase)
    return None if result.sealed else {}


def _text(value: Any) -> str:
    """As it is, and what is no text as JSON: programs read it again."""
    return value if isinstance(value, str) else json.dumps(value)
