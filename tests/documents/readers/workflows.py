"""State machines (000 step_functions.py; 001 §6; 002 §2.5), as they are deployed; reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.documents.live import Facts, Live, of_environment, one


def machines(live: Live) -> list[Mapping[str, Any]]:
    """The environment's state machines, described."""
    return list(live.once(("state machines",), lambda: _described(live)))


def _described(live: Live) -> list[Mapping[str, Any]]:
    client = live.clients("stepfunctions")
    listed = live.pages("stepfunctions", "list_state_machines", "stateMachines")
    ours = [item for item in listed if of_environment(item["name"], live.env)]
    return [client.describe_state_machine(stateMachineArn=item["stateMachineArn"]) for item in ours]


def state_machine(live: Live, name: str) -> Facts:
    """Type, states, the functions it calls, the variables its tasks are given, and its role."""
    found = one([item for item in machines(live) if item["name"] == name], f"state machines {name}")
    states: Mapping[str, Any] = json.loads(found["definition"])["States"]
    tasks = [state.get("Parameters", {}) for state in states.values()]
    return {
        "type": found["type"],
        "states": len(states),
        "state names": sorted(states),
        "functions": sorted({p["FunctionName"].rsplit(":", 1)[1] for p in tasks if "FunctionName" in p}),
        "runs a task in": sorted({p["Cluster"].rsplit("/", 1)[1] for p in tasks if "Cluster" in p}),
        "role": found["roleArn"].rsplit("/", 1)[1],
        **{f"variable {key}": value for task in tasks for key, value in _variables(task)},
    }


def _variables(task: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A variable that comes with the request has the path to it as its value."""
    for container in task.get("Overrides", {}).get("ContainerOverrides", []):
        for variable in container.get("Environment", []):
            yield variable["Name"], variable.get("Value") or variable.get("Value.$", "")
