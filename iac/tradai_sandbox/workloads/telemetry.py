"""What workloads write goes to CloudWatch as it is deployed: lines to log groups, embedded metrics to metric data.

The endpoint does it, as Lambda and the log driver of ECS do; it is no call of the workload's. Must never make a log
group: one that is not deployed keeps nothing.
"""

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.models import logs_backends

_EMBEDDED: Final = '"_aws"'
_LAMBDA: Final = "AWS/Lambda"
#: moto keeps everything in memory: of a stream only its newest events stay.
_EVENTS: Final = 10_000
_ADDING: Final = threading.Lock()


@dataclass(frozen=True)
class Log:
    """One stream of one group."""

    account: str
    region: str
    group: str
    stream: str

    def write(self, line: str) -> None:
        """Adds the line, and the metrics that are in it."""
        with _ADDING:
            if group := logs_backends[self.account][self.region].groups.get(self.group):
                if self.stream not in group.streams:
                    group.create_log_stream(self.stream)
                stream: Any = group.streams[self.stream]
                stream.put_log_events([{"timestamp": int(time.time() * 1000), "message": line}])
                del stream.events[:-_EVENTS]
            if line.startswith("{") and _EMBEDDED in line:
                with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
                    self._count(json.loads(line))

    def _count(self, said: Mapping[str, Any]) -> None:
        backend = cloudwatch_backends[self.account][self.region]
        for namespace, data in embedded(said):
            backend.put_metric_data(namespace, data)


def embedded(said: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Namespace and data of each directive in CloudWatch's embedded metric format; raises KeyError for what is none."""
    when = datetime.fromtimestamp(said["_aws"].get("Timestamp", time.time() * 1000) / 1000, UTC).replace(tzinfo=None)
    for directive in said["_aws"]["CloudWatchMetrics"]:
        yield (
            directive["Namespace"],
            [
                _datum(said, metric, names, when)
                for names in directive.get("Dimensions") or [[]]
                for metric in directive.get("Metrics", [])
                if metric["Name"] in said
            ],
        )


def _datum(said: Mapping[str, Any], metric: Mapping[str, Any], names: Sequence[str], when: datetime) -> dict[str, Any]:
    value = said[metric["Name"]]
    return {
        "MetricName": metric["Name"],
        "Dimensions": [{"Name": name, "Value": str(said[name])} for name in names],
        "Unit": metric.get("Unit", "None"),
        "Timestamp": when,
        **({"Values": value} if isinstance(value, list) else {"Value": value}),
    }


def count_invocation(function: Any, failed: bool, seconds: float) -> None:
    """Lambda's own metrics of one invocation."""
    values = (
        ("Invocations", 1, "Count"),
        ("Errors", int(failed), "Count"),
        ("Duration", seconds * 1000, "Milliseconds"),
    )
    _put(function, values)


def count_throttle(function: Any) -> None:
    """Lambda's own metric of what found no place."""
    _put(function, (("Throttles", 1, "Count"),))


def _put(function: Any, values: Sequence[tuple[str, float, str]]) -> None:
    named = [{"Name": "FunctionName", "Value": function.function_name}]
    data = [{"MetricName": name, "Dimensions": named, "Value": value, "Unit": unit} for name, value, unit in values]
    with _ADDING:
        cloudwatch_backends[function.account_id][function.region].put_metric_data(_LAMBDA, data)
