"""What alarms and the dashboard read of the platform's own metrics is what functions write, and the other way round.

How a value is written, with namespace and dimension, is tested where Powertools is (tests/unit/functions).
"""

import ast
import json
from pathlib import Path
from typing import Any

from tests.unit.iac.edge_runs import deployed
from tradai_blueprints.tradai.config.monitoring import METRICS_NAMESPACE

LAMBDAS = Path(__file__).parents[3] / "lambdas"
TOLD: dict[str, Any] = json.loads((LAMBDAS / "shared" / "deployed.json").read_text())["metrics"]

Metric = tuple[str, str, str]


def alarmed() -> set[Metric]:
    """Namespace, name and dimension of what alarms watch, as rendered."""
    alarms = deployed("dev").of("aws:cloudwatch/metricAlarm:MetricAlarm").values()
    return {
        (each["namespace"], each["metricName"], ",".join(each["dimensions"]))
        for each in alarms
        if each.get("namespace") == METRICS_NAMESPACE
    }


def shown() -> set[Metric]:
    """The same of the dashboard's lines."""
    body = json.loads(deployed("dev").one("aws:cloudwatch/dashboard:Dashboard")["dashboardBody"])
    lines = [line for widget in body["widgets"] for line in widget["properties"]["metrics"]]
    return {(line[0], line[1], line[2]) for line in lines if line[0] == METRICS_NAMESPACE}


def written() -> set[Metric]:
    """The metrics that functions count, by `shared.entry.count`; each is a name of the deployed ones."""
    calls = [
        node
        for file in LAMBDAS.glob("*/*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "count"
    ]
    names = [call.args[1] for call in calls]
    assert all(isinstance(name, ast.Attribute) for name in names), "a metric's name comes from DEPLOYED.metrics"
    return {
        (TOLD["namespace"], TOLD[name.attr], TOLD["dimension"]) for name in names if isinstance(name, ast.Attribute)
    }


def test_every_metric_that_is_watched_or_shown_is_written() -> None:
    assert alarmed()
    assert alarmed() | shown() == written()


def test_no_function_writes_metrics_by_another_way() -> None:
    others = {
        file.parent.name
        for file in LAMBDAS.glob("*/*.py")
        if "aws_lambda_powertools.metrics" in file.read_text() or "put_metric_data" in file.read_text()
    }
    assert others == {"shared"}
