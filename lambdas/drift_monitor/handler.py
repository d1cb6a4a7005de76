"""The border of drift-monitor: MLflow's champions and their windows in, drift-state and alerts out.

Models are looked at one by one, first the one that was looked at longest ago; what goes wrong with one hinders no
other, and is raised when all have had their turn, so that Lambda calls again. Must never conclude anything from an
answer that did not come.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drift_monitor.logic import Call, finding, message, nothing_to_compare
from drift_monitor.packed import MalformedError
from drift_monitor.settings import DriftMonitorSettings
from drift_monitor.store import Windows
from drift_monitor.windows import live, reference
from shared import clock
from shared.alerts import Alerts
from shared.deployed import DEPLOYED
from shared.drift import Drift, Drifts, Finding, Verdict, after
from shared.entry import Entry
from shared.mlflow import CHAMPION, MLflow

#: No model is begun with less of the function's time left: about twice what the largest windows take.
_ENOUGH_SECONDS = 60


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    mlflow: MLflow
    windows: Windows
    drifts: Drifts
    alerts: Alerts

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = DriftMonitorSettings.read()
        return cls(
            MLflow(settings.tracking_uri, settings.mlflow_credentials),
            Windows(settings.results_bucket),
            Drifts(settings.drift_state),
            Alerts(settings.alerts, settings.environment),
        )


class UnfinishedError(Exception):
    """Models that could not be looked at; the call comes again, and begins with them."""


ENTRY = Entry("drift-monitor", Call, Ground.make)


@ENTRY
def handle(ground: Ground, _call: Call) -> dict[str, list[str]]:
    """Verdict → models. Raises UnfinishedError for models without one, and what MLflow's client raises."""
    until = time.monotonic() + DEPLOYED.functions[ENTRY.function].timeout_seconds - _ENOUGH_SECONDS
    champions = {each.name: each.aliases[CHAMPION] for each in ground.mlflow.models() if CHAMPION in each.aliases}
    known = {name: ground.drifts.get(name) for name in champions}
    verdicts: dict[str, Verdict] = {}
    for name in _longest_ago(known):
        if time.monotonic() > until:
            break
        try:
            verdicts[name] = _turn(ground, known[name], name, champions[name])
        except Exception:
            ENTRY.logger.exception("a model's turn failed", model_name=name)
    if left := sorted(champions.keys() - verdicts.keys()):
        raise UnfinishedError(f"no verdict on {', '.join(left)}: see the log")
    return {one.value: sorted(name for name, found in verdicts.items() if found is one) for one in Verdict}


def _longest_ago(known: Mapping[str, Drift | None]) -> Iterable[str]:
    return sorted(known, key=lambda name: (drift.checked_at if (drift := known[name]) else "", name))


def _turn(ground: Ground, before: Drift | None, name: str, version: str) -> Verdict:
    """Look, keep what was seen, and only then tell: who ends in between leaves the telling to the next call."""
    at = clock.now()
    found = _look(ground, name, version)
    ENTRY.logger.info("drift", model_name=name, model_version=version, verdict=found.verdict, why=found.why)
    kept = ground.drifts.save(after(before, name, found, clock.text(at)))
    if kept and kept.owed:  # another call that has written meanwhile tells what is to be told
        kind, subject, sentences = message(kept)
        ground.alerts.tell(kind, subject, *sentences)
        ground.drifts.save(kept.model_copy(update={"told": found.verdict}))
    return found.verdict


def _look(ground: Ground, name: str, version: str) -> Finding:
    packed = ground.windows.reference(name, version)
    if packed is None:
        return nothing_to_compare(version, "there is no reference window: the training of a version writes it")
    try:
        known = reference(packed)
    except MalformedError as error:
        return nothing_to_compare(version, f"the reference window cannot be read: {error}")
    return finding(version, known, live(known, ground.windows.live(name, version, clock.now())))
