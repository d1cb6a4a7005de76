"""The one environment that stands in each home while it is idle.

Must never differ between homes, but for the role that ECS asks for: there nobody has the operator's own identity.
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
        "environment": "eph-idle",
        "deletionPolicy": "Everything",
        "approval": "Never",
        "ttl": "72h",
        "drift": {"enabled": False},
    }
    if role:
        body["spec"]["aws"]["assumeRoleArn"] = role
    return body
