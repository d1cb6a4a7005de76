"""The border of health-check: all services are asked at once, each has an item and its own incidents.

What goes wrong with one of them hinders no other; it is raised when all have had their turn. Must never tell people of
the same incident by the same item twice.
"""

from dataclasses import dataclass

from health_check.ask import ask_all
from health_check.logic import Answer, Call, after, message, totals, url
from health_check.settings import HealthCheckSettings
from shared import clock
from shared.alerts import Alerts
from shared.deployed import DEPLOYED
from shared.entry import Entry
from shared.health import Health, HealthState, Status
from shared.incidents import told


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    settings: HealthCheckSettings
    state: HealthState
    alerts: Alerts

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = HealthCheckSettings.read()
        return cls(settings, HealthState(settings.health_state), Alerts(settings.alerts, settings.environment))


class UnfinishedError(Exception):
    """Services whose turn failed; the call comes again, and does what is left."""


ENTRY = Entry("health-check", Call, Ground.make)


@ENTRY
def handle(ground: Ground, call: Call) -> dict[str, list[str]]:
    """Status → services; raises UnfinishedError where one could not be asked, kept or told of."""
    paths = DEPLOYED.health_paths
    answers = ask_all({name: url(ground.settings.address(name), path) for name, path in paths.items()})
    states: dict[str, Status] = {}
    failed = [service for service, answer in answers.items() if answer.kind == "unasked"]
    for service, answer in answers.items():
        try:
            states[service] = _turn(ground, service, answer, call.id)
        except Exception:
            ENTRY.logger.exception("a service's turn failed", service_name=service)
            failed.append(service)
    ENTRY.logger.info("health", extra=totals(states))
    if failed:
        raise UnfinishedError(f"what was seen of {', '.join(failed)} could not be asked, kept or told: see the log")
    return totals(states)


def _turn(ground: Ground, service: str, answer: Answer, call: str) -> Status:
    before = ground.state.get(service)
    at, standing = clock.text(clock.now()), service in ground.settings.standing
    now = after(before, answer, standing=standing, at=at, call=call)
    kept = before if now == before else ground.state.save(before, now)
    if kept is None:  # another call looks at the same time, and tells what is to be told
        return before.status
    _tell(ground, kept)
    return kept.status


def _tell(ground: Ground, health: Health) -> None:
    """Message first, note after: who ends in between tells twice, rather than never."""
    while health.watch.owed:
        ground.alerts.tell(*message(health.service_name, health.watch.owed[0]))
        after_it = health.model_copy(update={"watch": told(health.watch)})
        saved = ground.state.save(health, after_it)
        if saved is None:
            return
        health = saved
