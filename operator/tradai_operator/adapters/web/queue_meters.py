"""The metrics of what operators share: who leads, and how runs stand in the line for memory.

Gauges are read off at the scrape. Must never hold a metric that is no row of `status.metrics`.
"""

from collections.abc import Callable

import prometheus_client as prometheus

from tradai_operator.schedule.places import Places
from tradai_operator.status import metrics
from tradai_operator.status.metrics import Metric

_BYTES_A_MIB = 1024 * 1024


class QueueMeters:
    """Shows nothing but zeros until it is told what to look at."""

    def __init__(self, registry: prometheus.CollectorRegistry) -> None:
        self._registry = registry
        self._leader = self._gauge(metrics.LEADER)
        self._queued = self._gauge(metrics.QUEUED)
        self._used = self._gauge(metrics.RUN_MEMORY)
        self._budget = self._gauge(metrics.RUN_BUDGET)
        row = metrics.QUEUE_SECONDS
        self._waits = prometheus.Histogram(row.name, row.help, row.labels, buckets=row.buckets, registry=registry)

    def waited(self, seconds: float) -> None:
        """A run has its place."""
        self._waits.observe(max(0.0, seconds))

    def watch(self, leads: Callable[[], bool], places: Places) -> None:
        """What to look at from now on."""
        self._leader.set_function(lambda: float(leads()))
        self._queued.set_function(lambda: places.waiting)
        self._used.set_function(lambda: places.used * _BYTES_A_MIB)
        self._budget.set_function(lambda: (places.budget or 0) * _BYTES_A_MIB)

    def _gauge(self, row: Metric) -> prometheus.Gauge:
        return prometheus.Gauge(row.name, row.help, row.labels, registry=self._registry)
