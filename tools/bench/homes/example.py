"""The one environment that stands in each home while it is idle.

Must never differ between homes, but for what ECS asks for: a role, since nobody has the operator's own identity there,
and another name of what is built, since it stands beside the sandbox's in one account and each cluster owns its own.
"""

from typing import Any, Final

import yaml

from tools.bench.bed import manifest

NAME: Final = "idle"


def environment(role: str = "") -> dict[str, Any]:
    """A sample environment; nobody looks for its drift, which is a figure of its own."""
    body: dict[str, Any] = yaml.safe_load(manifest("sample").read_text())
    body["metadata"]["name"] = NAME
    body["spec"] |= {
        "environment": "eph-ecs" if role else "eph-idle",
        "deletionPolicy": "Everything",
        "approval": "Never",
        "ttl": "72h",
        "drift": {"enabled": False},
    }
    if role:
        body["spec"]["aws"]["assumeRoleArn"] = role
    return body
