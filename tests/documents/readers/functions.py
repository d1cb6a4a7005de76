"""Functions: size, place, variables, and what starts them, in the words of 002 §7; reads only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.documents.live import Facts, Live, of_environment
from tests.documents.readers.rights import grants, may_invoke
from tests.documents.readers.workflows import machines

CALLER = "tradai-backend-api-task-{env}"
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
UNITS = {"minute": "min", "hour": "hours", "day": "days"}


def function(live: Live, name: str) -> Facts:
    """Runtime, memory (MB), timeout (s), VPC, what starts it, rights, and each variable as a fact of its own."""
    found = live.clients("lambda").get_function(FunctionName=name)
    settings = found["Configuration"]
    rules = _rules(live, settings["FunctionArn"])
    variables: Mapping[str, str] = settings.get("Environment", {}).get("Variables", {})
    return {
        "runtime": settings.get("Runtime", "Image"),
        "memory": settings["MemorySize"],
        "timeout": settings["Timeout"],
        "vpc": bool(settings.get("VpcConfig", {}).get("SubnetIds")),
        "image from": _repository(found.get("Code", {}).get("ImageUri", "")),
        "schedule": ", ".join(rule["ScheduleExpression"] for rule in rules if rule.get("ScheduleExpression")) or "none",
        "queues": sorted(_queues(live, name)),
        "trigger": " and ".join(sorted({*_by_rule(rules), *_by_others(live, settings)})) or "none",
        "triggered by": sorted({source for rule in rules for source in _sources(rule)}),
        "grants": grants(live, settings["Role"].rsplit("/", 1)[1]),
        "tags": found.get("Tags", {}),
        **{f"variable {key}": value for key, value in variables.items()},
    }


def functions(live: Live, name: str) -> Facts:
    """The environment's functions: how many, how many from images, and how many have a schedule."""
    ours = [
        f for f in live.pages("lambda", "list_functions", "Functions") if of_environment(f["FunctionName"], live.env)
    ]
    scheduled = [f for f in ours if any(rule.get("ScheduleExpression") for rule in _rules(live, f["FunctionArn"]))]
    return {
        "count": len(ours),
        "from images": sum(item.get("PackageType") == "Image" for item in ours),
        "scheduled": len(scheduled),
    }


def _rules(live: Live, arn: str) -> list[Mapping[str, Any]]:
    names = live.pages("events", "list_rule_names_by_target", "RuleNames", TargetArn=arn)
    return [_rule(live, name) for name in names]


def _rule(live: Live, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = live.once(("rule", name), lambda: live.clients("events").describe_rule(Name=name))
    return found


def _sources(rule: Mapping[str, Any]) -> list[str]:
    return list(json.loads(rule.get("EventPattern") or "{}").get("source", []))


def _by_rule(rules: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for rule in rules:
        if rule.get("ScheduleExpression"):
            yield f"EventBridge ({_period(rule['ScheduleExpression'])})"
        elif "aws.autoscaling" in _sources(rule):
            yield "ASG Lifecycle"
        else:
            yield f"EventBridge ({', '.join(_sources(rule))})"


def _period(expression: str) -> str:
    """`rate(5 minutes)` as 002 §7 has it: `5 min`."""
    rate = RATE.fullmatch(expression)
    return f"{rate[1]} {UNITS[rate[2]]}" if rate else expression


def _by_others(live: Live, settings: Mapping[str, Any]) -> Iterator[str]:
    arn = settings["FunctionArn"]
    if _queues(live, settings["FunctionName"]):
        yield "SQS"
    if any(arn in machine["definition"] for machine in machines(live)):
        yield "Step Functions"
    try:
        called = may_invoke(live, CALLER.replace("{env}", live.env), arn)
    except ClientError:
        called = False
    if called:
        yield "Backend API"


def _queues(live: Live, name: str) -> list[str]:
    mappings = live.pages("lambda", "list_event_source_mappings", "EventSourceMappings", FunctionName=name)
    return [item["EventSourceArn"].rsplit(":", 1)[1] for item in mappings if item["State"] == "Enabled"]


def _repository(image: str) -> str:
    """`tradai/health-check-dev` of an image's address; nothing where there is no image."""
    return image.partition("/")[2].partition("@")[0].partition(":")[0]
