"""The metrics for Prometheus: counted as it is told, read off what stands when it is scraped.

Nothing is done between scrapes. Must never hold a metric that is no row of `status.metrics`, nor more of a status than
words with few values.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Self

import prometheus_client as prometheus
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from tradai_operator.adapters.web.queue_meters import QueueMeters
from tradai_operator.model import EnvironmentStatus
from tradai_operator.ports import Ref
from tradai_operator.status import metrics
from tradai_operator.status.drift import drift_word, drifted_resources, looks_under_way
from tradai_operator.status.happenings import AWS_CLASSES, RunEnded, failed_layers, waits_for
from tradai_operator.status.metrics import Metric

#: The type of what `Meters.expose` returns.
CONTENT_TYPE: Final = prometheus.CONTENT_TYPE_PLAIN_0_0_4
#: The variable by which environments are shown by name.
NAMES: Final = "TRADAI_METRICS_NAMES"


class Meters:
    """All metrics of one operator; `names` says whether environments are shown by name, and not as numbers alone."""

    def __init__(self, version: str, *, names: bool = False) -> None:
        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = prometheus.CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._standing = _Standing(version, names=names)
        self._registry.register(self._standing)
        self._turns = self._histogram(metrics.TURNS)
        self._runs = self._histogram(metrics.RUNS)
        self._failures = self._counter(metrics.FAILURES)
        self._aws_errors = self._counter(metrics.AWS_ERRORS)
        self._looks = self._counter(metrics.LOOKS)
        self._notices = self._counter(metrics.NOTICES)
        self.queue = QueueMeters(self._registry)

    @classmethod
    def chosen(cls, environment: Mapping[str, str], version: str) -> Self:
        """As the operator's variables say; raises ValueError for a TRADAI_METRICS_NAMES that is no choice."""
        said = environment.get(NAMES) or "false"
        if said not in {"true", "false"}:
            raise ValueError(f"{NAMES} is true or false, not {said!r}: whether /metrics names environments")
        return cls(version, names=said == "true")

    def turned(self, outcome: str, seconds: float) -> None:
        """One turn is over."""
        self._turns.labels(outcome).observe(seconds)

    def ended(self, run: RunEnded) -> None:
        """One run is over."""
        self._runs.labels(run.layer, run.operation, run.outcome).observe(run.seconds)
        if run.failure:
            self._failures.labels(run.layer, run.operation, run.failure).inc()
            self._aws_error("run", run.failure)

    def looked(self, outcome: str, failure: str | None) -> None:
        """Somebody looked for images; `failure` is the class where there was no answer."""
        self._looks.labels(outcome).inc()
        if failure:
            self._aws_error("images", failure)

    def told(self, kind: str, outcome: str) -> None:
        """Somebody tried to tell people of something."""
        self._notices.labels(kind, outcome).inc()

    def stands(self, ref: Ref, status: EnvironmentStatus) -> None:
        """The environment stands like this now."""
        self._standing.known[ref.uid] = (ref, status)

    def gone(self, uid: str) -> None:
        """The environment is no more."""
        self._standing.known.pop(uid, None)

    def expose(self) -> bytes:
        """Everything in Prometheus's text format."""
        return prometheus.generate_latest(self._registry)

    def _aws_error(self, source: str, failure: str) -> None:
        if failure in AWS_CLASSES:
            self._aws_errors.labels(source, failure).inc()

    def _counter(self, row: Metric) -> prometheus.Counter:
        return prometheus.Counter(row.name, row.help, row.labels, registry=self._registry)

    def _histogram(self, row: Metric) -> prometheus.Histogram:
        return prometheus.Histogram(row.name, row.help, row.labels, buckets=row.buckets, registry=self._registry)


class _Standing(Collector):
    """The gauges: what the environments that are known add up to."""

    def __init__(self, version: str, *, names: bool) -> None:
        self._version = version
        self._names = names
        self.known: dict[str, tuple[Ref, EnvironmentStatus]] = {}

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing to check names against: they come with the values."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family a row, from the newest status of each environment."""
        statuses = [status for _, status in self.known.values()]
        layers = [layer for status in statuses for layer in status.layers]
        yield _family(metrics.INFO, {(self._version,): 1})
        yield _family(metrics.ENVIRONMENTS, Tally((status.phase,) for status in statuses))
        yield _family(metrics.WAITING, Tally((word,) for status in statuses if (word := waits_for(status))))
        yield _family(metrics.LAYERS, Tally((layer.name, layer.state) for layer in layers))
        yield _family(metrics.LAYERS_FAILED, failed_layers(layers))
        yield _family(
            metrics.UNDER_WAY,
            Tally((layer.name, layer.operation or "") for layer in layers if layer.run) + looks_under_way(statuses),
        )
        yield _family(metrics.DRIFT, Tally((drift_word(status),) for status in statuses if status.drift))
        yield _family(metrics.DRIFTED_RESOURCES, drifted_resources(statuses))
        yield _family(metrics.READY, self._by_name())

    def _by_name(self) -> dict[tuple[str, ...], int]:
        if not self._names:
            return {}
        return {(ref.namespace, ref.name): _is_ready(status) for ref, status in self.known.values()}


def _is_ready(status: EnvironmentStatus) -> int:
    return int(status.condition("Ready").status == "True")


def _family(row: Metric, values: Mapping[tuple[str, ...], int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(row.name, row.help, labels=row.labels)
    for labels, value in sorted(values.items()):
        family.add_metric(list(labels), value)
    return family
