"""The Grafana dashboard, generated from the metrics: `python -m tradai_operator.status.dashboard [--check]`.

Adding a panel is adding a row. Must never query a metric that `status.metrics` does not name.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tradai_operator.model.generated import write_or_check
from tradai_operator.status.metrics import (
    AWS_ERRORS,
    DRIFT,
    DRIFTED_RESOURCES,
    ENVIRONMENTS,
    FAILURES,
    INFO,
    LAYERS,
    LAYERS_FAILED,
    LEADER,
    LOOKS,
    NOTICES,
    QUEUE_SECONDS,
    QUEUED,
    READY,
    RUN_BUDGET,
    RUN_MEMORY,
    RUNS,
    TURNS,
    UNDER_WAY,
    WAITING,
)

FILE: Final = Path(__file__).parents[3] / "charts" / "tradai-operator" / "dashboards" / "tradai.json"
_SOURCE: Final = {"type": "prometheus", "uid": "${source}"}
_WIDTH, _HEIGHT, _PER_ROW = 8, 8, 3


@dataclass(frozen=True)
class Panel:
    """One picture: `queries` map a legend (Prometheus labels in double braces) to an expression."""

    title: str
    queries: dict[str, str]
    unit: str = "short"


def _growth(name: str, by: str) -> str:
    return f"sum by ({by}) (increase({name}_total[$__rate_interval]))"


def _quantile(share: float, name: str, by: str = "") -> str:
    labels = ", ".join(["le", *([by] if by else [])])
    return f"histogram_quantile({share}, sum by ({labels}) (rate({name}_bucket[$__rate_interval])))"


def _mean(name: str, by: str) -> str:
    total, count = (f"sum by ({by}) (rate({name}_{part}[$__rate_interval]))" for part in ("sum", "count"))
    return f"{total} / {count}"


PANELS: Final = (
    Panel("Environments by phase", {"{{phase}}": f"sum by (phase) ({ENVIRONMENTS.name})"}),
    Panel("Environments that wait, and for what", {"{{reason}}": f"sum by (reason) ({WAITING.name})"}),
    Panel(
        "Not ready",
        {"environments": f'sum({ENVIRONMENTS.name}{{phase!="Ready"}})', "{{namespace}}/{{name}}": f"{READY.name} == 0"},
    ),
    Panel("Runs under way", {"{{layer}} {{operation}}": f"sum by (layer, operation) ({UNDER_WAY.name})"}),
    Panel("Layers that wait", {"{{layer}} {{state}}": f'{LAYERS.name}{{state=~"Blocked|Pending|Failed"}}'}),
    Panel("Ended runs", {"{{outcome}}": f"sum by (outcome) (increase({RUNS.name}_count[$__rate_interval]))"}),
    Panel("Run duration, mean", {"{{layer}} {{operation}}": _mean(RUNS.name, "layer, operation")}, "s"),
    Panel("Run duration, 95th percentile", {"{{layer}}": _quantile(0.95, RUNS.name, "layer")}, "s"),
    Panel("Failed runs by class", {"{{class}} {{layer}}": _growth(FAILURES.name, "class, layer")}),
    Panel("Failed layers by class", {"{{class}} {{layer}}": f"sum by (class, layer) ({LAYERS_FAILED.name})"}),
    Panel("Notifications", {"{{kind}} {{outcome}}": _growth(NOTICES.name, "kind, outcome")}),
    Panel("AWS errors by class", {"{{class}} ({{source}})": _growth(AWS_ERRORS.name, "class, source")}),
    Panel("Environments by drift", {"{{drift}}": f"sum by (drift) ({DRIFT.name})"}),
    Panel("Drifted resources", {"{{layer}} {{kind}}": f"sum by (layer, kind) ({DRIFTED_RESOURCES.name}) > 0"}),
    Panel("Looks for images", {"{{outcome}}": _growth(LOOKS.name, "outcome")}),
    Panel("Turns", {"{{outcome}}": f"sum by (outcome) (rate({TURNS.name}_count[$__rate_interval]))"}, "ops"),
    Panel(
        "Turn duration",
        {
            "mean": f"sum(rate({TURNS.name}_sum[$__rate_interval])) / sum(rate({TURNS.name}_count[$__rate_interval]))",
            "95th percentile": _quantile(0.95, TURNS.name),
        },
        "s",
    ),
    Panel("Runs that wait for memory", {"runs": f"sum({QUEUED.name})"}),
    Panel("Wait for memory, 95th percentile", {"wait": _quantile(0.95, QUEUE_SECONDS.name)}, "s"),
    Panel("Memory of runs", {"used": f"sum({RUN_MEMORY.name})", "budget": f"sum({RUN_BUDGET.name})"}, "bytes"),
    Panel("Who leads", {"{{instance}}": LEADER.name}),
    Panel(
        "Operator: memory", {"{{instance}}": f"process_resident_memory_bytes and on (instance) {INFO.name}"}, "bytes"
    ),
    Panel(
        "Operator: processor and open files",
        {
            "cores": f"rate(process_cpu_seconds_total[$__rate_interval]) and on (instance) {INFO.name}",
            "open files": f"process_open_fds and on (instance) {INFO.name}",
        },
    ),
)


def dashboard() -> dict[str, Any]:
    """The whole dashboard as Grafana imports it."""
    return {
        "uid": "tradai-operator",
        "title": "TradAI environments",
        "tags": ["tradai"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
        },
        "panels": [_panel(place, panel) for place, panel in enumerate(PANELS)],
    }


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(place, _PER_ROW)
    return {
        "id": place + 1,
        "title": panel.title,
        "type": "timeseries",
        "datasource": _SOURCE,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + number), "datasource": _SOURCE, "expr": expression, "legendFormat": legend}
            for number, (legend, expression) in enumerate(panel.queries.items())
        ],
    }


def main(arguments: list[str]) -> int:
    """Writes the file, or with `--check` says whether it is in sync."""
    text = json.dumps(dashboard(), indent=2) + "\n"
    return write_or_check(FILE, text, "tradai_operator.status.dashboard", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
