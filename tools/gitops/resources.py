"""Environments as an API server would have them in each phase: statuses are made by the operator's own functions.

Must never write a status by hand, but for what no operator has written yet.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from tradai_operator.model import EnvironmentStatus, LayerPlan, LayerStatus, PlanStatus
from tradai_operator.status.compose import compose
from tradai_operator.status.phases import Checked, LayerNote, Phase
from tradai_operator.status.plans import asked

Resource = dict[str, Any]

_EXAMPLE: Final = Path(__file__).parents[2] / "crds" / "examples" / "env-sample.yaml"
_NOW: Final = 1_790_000_000.0
_LAYERS: Final = ("store", "work")
_DELETIONS: Final = frozenset({Phase.DELETING, Phase.DELETE_RETRYING, Phase.DELETE_FAILED})
DIGEST: Final = "sha256:6ecc8bac09003e11cfb14eb06f6c97cb20b3f601e140963e477c920839d85318"


def declared(**spec: Any) -> Resource:
    """The sample environment as it is just created."""
    manifest: Resource = yaml.safe_load(_EXAMPLE.read_text())
    manifest["metadata"] |= {
        "generation": 2,
        "uid": "00000000-0000-4000-8000-000000000001",
        "creationTimestamp": "2026-09-21T12:00:00Z",
    }
    manifest["spec"] |= spec
    return manifest


def reported(phase: Phase, *, observed: int = 2, **checks: Checked) -> Resource:
    """The sample environment in a phase; `checks` are conditions beside the three of kstatus."""
    spec = {"suspend": True} if phase is Phase.SUSPENDED else {}
    resource = declared(**spec)
    if phase in _DELETIONS:
        resource["metadata"] |= {"deletionTimestamp": "2026-09-21T13:00:00Z", "finalizers": ["tradai.io/environment"]}
    plan = _question() if phase is Phase.APPROVAL else None
    status = compose(
        EnvironmentStatus(layers=tuple(LayerStatus(name=name, state="Ready") for name in _LAYERS)),
        generation=observed,
        layers=_LAYERS,
        phase=phase,
        reason=phase.value,
        message=f"what the operator says of {phase.value}",
        notes={name: LayerNote("Cancelled") for name in _LAYERS if phase is Phase.CANCELLED},
        retry_seen="",
        now=_NOW,
        plan=plan,
        update=checks.get("update"),
        kept=checks.get("kept"),
    )
    return resource | {"status": status.dump()}


def _question() -> PlanStatus:
    plan = LayerPlan(delete=1, destructive=("deletes aws:sqs/queue:Queue two",), destructive_total=1)
    return asked(PlanStatus(), {"work": plan}, (), DIGEST)
