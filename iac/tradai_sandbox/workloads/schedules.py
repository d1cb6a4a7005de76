"""Rules with a rate: they fire where the sandbox is asked for it, so that one with nothing to do stays idle.

Must never fire a rule that is disabled or gone, nor twice for one period.
"""

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from moto.events.models import events_backends

from tradai_sandbox.workloads.running import TOLD

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86400}
_ENABLED: Final = "ENABLED"
_LOOK_S: Final = 1.0


def period(expression: str | None) -> int | None:
    """Seconds of a `rate(…)`; None for anything else, a cron expression too, which never fires here."""
    found = _RATE.fullmatch(expression or "")
    return int(found[1]) * _SECONDS[found[2]] if found else None


class Schedules:
    """The clock of one endpoint: `fire` hands a rule's targets an event, `changed` tells it that it may be wanted."""

    def __init__(self, fire: Callable[[Any, Any], None]) -> None:
        self._to_targets = fire
        self._due: dict[str, float] = {}
        self._stop = threading.Event()
        self._turn = threading.Lock()
        self._on = False

    def changed(self) -> None:
        """Starts or stops the clock; a rule that is new fires after its first period."""
        with self._turn:
            if TOLD.manners.schedules and not self._on:
                self._on, self._stop, self._due = True, threading.Event(), {}
                threading.Thread(target=self._tick, args=(self._stop,), name="schedules", daemon=True).start()
            elif not TOLD.manners.schedules and self._on:
                self._on = False
                self._stop.set()

    def _tick(self, stop: threading.Event) -> None:
        while not stop.is_set():
            for rule, seconds in _rules():
                self._fire(rule, seconds)
            stop.wait(_LOOK_S)

    def _fire(self, rule: Any, seconds: int) -> None:
        now = time.monotonic()
        due = self._due.setdefault(rule.arn, now + seconds)
        if now >= due:
            self._due[rule.arn] = now + seconds
            self._to_targets(rule, scheduled(rule))


def _rules() -> list[tuple[Any, int]]:
    buses = [
        bus
        for account in list(events_backends.values())
        for backend in list(account.values())
        for bus in list(backend.event_buses.values())
    ]
    found = [(rule, period(rule.scheduled_expression)) for bus in buses for rule in list(bus.rules.values())]
    return [(rule, seconds) for rule, seconds in found if seconds and rule.state == _ENABLED]


def scheduled(rule: Any) -> dict[str, Any]:
    """The event that a schedule sends."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.account_id,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }
