"""The `Telemetry` port for real: metrics, log lines and spans of what the loops tell, and how long a turn has lasted.

Must never keep a loop waiting, and must never log what AWS, a program or a person wrote: classes and ids only.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import structlog

from tradai_iac.images.wanted import Registry, Resolution, WantedImage
from tradai_operator.adapters.web.meters import Meters
from tradai_operator.model import EnvironmentStatus
from tradai_operator.ports import ConflictError, Images, Ref
from tradai_operator.status.delivery import attempts
from tradai_operator.status.happenings import Happening, RunEnded, happenings
from tradai_runner.process.tracing import Tracing

_log = structlog.get_logger("tradai_operator")


class LiveTelemetry:
    """Everything that one operator shows of itself."""

    def __init__(self, meters: Meters, tracing: Tracing) -> None:
        self.meters = meters
        self.tracing = tracing
        self._turning: dict[str, float] = {}

    @contextmanager
    def turn(self, ref: Ref) -> Iterator[None]:
        """Counts, times and traces one turn."""
        began = self._turning[ref.uid] = time.monotonic()
        outcome = "failed"
        try:
            with self.tracing.span("reconcile", namespace=ref.namespace, environment=ref.name):
                yield
            outcome = "done"
        except ConflictError:
            outcome = "superseded"
            raise
        finally:
            del self._turning[ref.uid]
            self.meters.turned(outcome, time.monotonic() - began)

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Traces one decision with its facts."""
        with self.tracing.span("decide"):
            yield

    def saw(self, ref: Ref, statuses: Sequence[EnvironmentStatus]) -> None:
        """Counts and logs what happened, and keeps how it stands."""
        try:
            for before, after in pairwise(statuses):
                for happening in happenings(before, after):
                    self._tell(happening)
                for kind, outcome in attempts(before, after):
                    self.meters.told(kind, outcome)
            self.meters.stands(ref, statuses[-1])
        except Exception:  # a bug here must not keep a run from being started
            _log.exception("telemetry failed")

    def gone(self, uid: str) -> None:
        """Shows the environment no longer."""
        self.meters.gone(uid)

    def longest_turn(self) -> float:
        """Seconds since the oldest of the turns that go on now began; 0 where none does."""
        return max((time.monotonic() - began for began in self._turning.values()), default=0.0)

    def _tell(self, happening: Happening) -> None:
        ids = {"layer": happening.layer, "operation": happening.operation, "run": happening.run}
        if not isinstance(happening, RunEnded):
            _log.info("run began", **ids)
            return
        self.meters.ended(happening)
        why = {"failure": happening.failure, "request_id": happening.request_id} if happening.failure else {}
        _log.info("run ended", **ids, outcome=happening.outcome, seconds=round(happening.seconds, 1), **why)


class WatchedImages:
    """The `Images` port, with every look counted."""

    def __init__(self, images: Images, meters: Meters) -> None:
        self._images = images
        self._meters = meters

    async def resolve(self, registry: Registry, wanted: Sequence[WantedImage]) -> Resolution:
        """What the port inside answers."""
        answer = await self._images.resolve(registry, wanted)
        outcome = "failed" if answer.failure else "missing" if answer.missing else "complete"
        self._meters.looked(outcome, answer.failure.kind if answer.failure else None)
        return answer
