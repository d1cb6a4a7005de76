"""Every metric that the operator has of its own, one row each: what it is called, what it says, how it is labelled.

Data only: adapters fill them, the dashboard shows them. A label has few values (layers, operations, phases, classes);
`namespace` and `name` stand on one metric alone, which has values only where whoever runs the operator asks for names:
nobody has to log in to read them. Must never have a row that nothing fills, nor a label that a user's
text could reach.
"""

from dataclasses import dataclass
from typing import Final, Literal

#: Seconds of a turn: a look at the API server up to a slow registry.
_TURN_BUCKETS: Final = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0)
#: Seconds of a run: an empty one up to a database with its failover partner.
_RUN_BUCKETS: Final = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 2400.0, 4800.0)

#: Seconds in the line: at once up to a burst of many environments.
_QUEUE_BUCKETS: Final = (0.1, 1.0, 10.0, 60.0, 300.0, 900.0, 3600.0)


@dataclass(frozen=True)
class Metric:
    """One family: a counter counts up since the operator's start, a gauge is as things stand when it is read."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def samples(self) -> tuple[str, ...]:
        """The names under which a query finds it."""
        ends = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}[self.kind]
        return tuple(f"{self.name}{end}" for end in ends)


INFO: Final = Metric("tradai_operator_info", "gauge", "Always 1; tells the operator's version.", ("version",))
TURNS: Final = Metric(
    "tradai_reconcile_seconds",
    "histogram",
    "Turns of the loops of all environments: done, superseded by a newer event, or failed.",
    ("outcome",),
    _TURN_BUCKETS,
)
RUNS: Final = Metric(
    "tradai_run_seconds",
    "histogram",
    "Ended layer runs, from their start to their result: succeeded, failed or cancelled.",
    ("layer", "operation", "outcome"),
    _RUN_BUCKETS,
)
FAILURES: Final = Metric(
    "tradai_run_failures",
    "counter",
    "Layer runs that failed, by what kind of failure; Unknown where no row of the taxonomy knows its text.",
    ("layer", "operation", "class"),
)
AWS_ERRORS: Final = Metric(
    "tradai_aws_errors",
    "counter",
    "Failures that came from AWS or the way to it, in layer runs (run) and in looks for images (images).",
    ("source", "class"),
)
LOOKS: Final = Metric(
    "tradai_image_looks", "counter", "Looks for a layer's images: complete, missing some, or failed.", ("outcome",)
)
UNDER_WAY: Final = Metric("tradai_runs_under_way", "gauge", "Layer runs that go on now.", ("layer", "operation"))
ENVIRONMENTS: Final = Metric("tradai_environments", "gauge", "Environments by phase.", ("phase",))
WAITING: Final = Metric(
    "tradai_environments_waiting",
    "gauge",
    "Environments that do not go on by themselves just now, and for what.",
    ("reason",),
)
LAYERS: Final = Metric(
    "tradai_layers", "gauge", "Layers by state; Blocked and Pending ones are the runs that wait.", ("layer", "state")
)
LAYERS_FAILED: Final = Metric(
    "tradai_layers_failed",
    "gauge",
    "Layers whose last run failed and whose next one has not begun, by what kind of failure.",
    ("layer", "class"),
)
NOTICES: Final = Metric(
    "tradai_notice_attempts",
    "counter",
    "Attempts to tell people by spec.notify: delivered or failed, by what kind of notice.",
    ("kind", "outcome"),
)
READY: Final = Metric(
    "tradai_environment_ready",
    "gauge",
    "1 where the environment is as its present spec declares, else 0: one series an environment, if names are on.",
    ("namespace", "name"),
)
LEADER: Final = Metric("tradai_leader", "gauge", "1 where this operator leads; another one stands by.")
QUEUED: Final = Metric("tradai_runs_queued", "gauge", "Layer runs that wait until there is memory for them.")
QUEUE_SECONDS: Final = Metric(
    "tradai_run_queue_seconds",
    "histogram",
    "How long layer runs waited until there was memory for them.",
    (),
    _QUEUE_BUCKETS,
)
RUN_MEMORY: Final = Metric("tradai_run_memory_bytes", "gauge", "Memory that the runs under way are reckoned to take.")
RUN_BUDGET: Final = Metric("tradai_run_memory_budget_bytes", "gauge", "Memory that all runs may take together.")
DRIFT: Final = Metric(
    "tradai_environments_drift",
    "gauge",
    "Environments by what looks for drift found: drifted, none, or unknown while nobody knows.",
    ("drift",),
)
DRIFTED_RESOURCES: Final = Metric(
    "tradai_drifted_resources",
    "gauge",
    "Resources that are not as declared, as the last looks found: changed, missing, unexpected.",
    ("layer", "kind"),
)

METRICS: Final = (
    INFO, TURNS, RUNS, FAILURES, AWS_ERRORS, LOOKS, UNDER_WAY, ENVIRONMENTS, WAITING, LAYERS,
    LAYERS_FAILED, NOTICES, READY, LEADER, QUEUED, QUEUE_SECONDS, RUN_MEMORY, RUN_BUDGET, DRIFT, DRIFTED_RESOURCES,
)  # fmt: skip

#: What the library adds of the process itself, as far as the dashboard shows it.
PROCESS_METRICS: Final = ("process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds")
