"""Alarms and the dashboard (000 cloudwatch_alarms.py; 001 §7); reads only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.documents.live import Facts, Live, of_environment, one

NAMED = re.compile(r'ALARM\("([^"]+)"\)')
SEARCHED = re.compile(r"\{([^,}]+)")


def _alarms(live: Live, kind: str) -> list[Mapping[str, Any]]:
    listed = live.pages("cloudwatch", "describe_alarms", f"{kind}s", AlarmTypes=[kind])
    return [item for item in listed if of_environment(item["AlarmName"], live.env)]


def alarm(live: Live, name: str) -> Facts:
    """Metric, threshold in the metric's units, and who is told."""
    found = one([item for item in _alarms(live, "MetricAlarm") if item["AlarmName"] == name], f"alarms {name}")
    return {
        "metric": f"{found.get('Namespace', 'math')} {found.get('MetricName', '')}".strip(),
        "threshold": int(found["Threshold"]),
        "tells": _tells(found),
    }


def composite_alarm(live: Live, name: str) -> Facts:
    """The alarms that the environment's one composite alarm is over, and who is told."""
    found = one(_alarms(live, "CompositeAlarm"), f"composite alarms of {live.env}")
    return {"over": sorted(NAMED.findall(found["AlarmRule"])), "tells": _tells(found)}


def error_alarms(live: Live, name: str) -> Facts:
    """The functions with an alarm on their errors, and the workflows with one on failed executions."""
    listed = _alarms(live, "MetricAlarm")
    errors = [a for a in listed if (a.get("Namespace"), a.get("MetricName")) == ("AWS/Lambda", "Errors")]
    workflows = [a for a in listed if _of_workflow(a)]
    return {
        "functions": len({d["Value"] for a in errors for d in a["Dimensions"]}),
        "workflows": len(workflows),
        "tell": sorted({topic for found in [*errors, *workflows] for topic in _tells(found)}),
    }


def _of_workflow(found: Mapping[str, Any]) -> bool:
    metrics = [query.get("MetricStat", {}).get("Metric", {}) for query in found.get("Metrics", [])]
    return any(m.get("Namespace") == "AWS/States" and m.get("MetricName") == "ExecutionsFailed" for m in metrics)


def _tells(found: Mapping[str, Any]) -> list[str]:
    return sorted(arn.rsplit(":", 1)[1] for arn in found.get("AlarmActions", []))


def dashboard(live: Live, name: str) -> Facts:
    """How many dashboards the environment has, and the namespaces of the metrics on them."""
    found = live.pages("cloudwatch", "list_dashboards", "DashboardEntries")
    ours = [item["DashboardName"] for item in found if of_environment(item["DashboardName"], live.env)]
    bodies = [live.clients("cloudwatch").get_dashboard(DashboardName=one)["DashboardBody"] for one in ours]
    widgets = [widget for body in bodies for widget in json.loads(body).get("widgets", [])]
    return {"count": len(ours), "shows": sorted({shown for widget in widgets for shown in _namespaces(widget)})}


def _namespaces(widget: Mapping[str, Any]) -> set[str]:
    lines = widget.get("properties", {}).get("metrics", [])
    searched = [SEARCHED.search(line[0]["expression"]) for line in lines if isinstance(line[0], dict)]
    return {line[0] for line in lines if isinstance(line[0], str)} | {found[1] for found in searched if found}
