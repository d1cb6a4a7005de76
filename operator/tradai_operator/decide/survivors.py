"""The record of what stands on in AWS after its resource: which layers, where, and why.

Pure. Must never fail for a body that is invalid: whoever cleans up needs all that can be read of it.
"""

from collections.abc import Mapping
from typing import Any

from tradai_operator.decide.decision import Release
from tradai_operator.model import Metadata
from tradai_operator.model.times import moment


def survivors(meta: Metadata, spec: Any, action: Release, why: str, now: float) -> dict[str, str]:
    """The record's entries; `spec` as people spell it, valid or not."""
    told = {
        "resource": meta.key,
        "environment": read(spec, "environment"),
        "account": read(spec, "aws", "accountId"),
        "region": read(spec, "aws", "region"),
        "backend": read(spec, "state", "backendUrl"),
        "layers": ", ".join(action.surviving),
        "why": why,
        "releasedAt": f"{moment(now):%Y-%m-%dT%H:%M:%SZ}",
    }
    told |= {"ofOthers": ", ".join(action.others)} if action.others else {}
    return told | ({"notKnown": f"what else stands: {action.unknown}"} if action.unknown else {})


def read(spec: Any, *path: str) -> str:
    """The text at that path; empty where there is none."""
    for step in path:
        spec = spec.get(step) if isinstance(spec, Mapping) else None
    return spec if isinstance(spec, str) else ""
