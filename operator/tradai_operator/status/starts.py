"""Takes the start of a run into the status of its layer.

Pure: (layer, run, time) → layer. Must never start anything.
"""

from collections.abc import Mapping
from typing import Any

from tradai_operator.model import LayerPlan, LayerStatus, Purpose, Resources, Run
from tradai_operator.model.times import moment


def begun(
    layer: LayerStatus, operation: str, inputs_digest: str, run: Run, now: float, images: Mapping[str, str]
) -> LayerStatus:
    """An `up` or a `destroy` is about to start; `images` maps component → digest."""
    return layer.model_copy(
        update=_fresh(run, now, images)
        | {
            "state": "Running",
            "operation": operation,
            "attempted_digest": inputs_digest,
            "untouched": not layer.touched,  # until the run has said how it ended
            "adopted": layer.as_adopted,  # as before
            "inputs_digest": "",  # whatever becomes of this run, the last success no longer stands as it was
            # it binds this run and no other; a destroy that dies half-way goes on under the same one
            "plan": layer.plan if operation == "destroy" else None,
        }
    )


def previewing(
    layer: LayerStatus, purpose: Purpose, inputs_digest: str, run: Run, now: float, images: Mapping[str, str]
) -> LayerStatus:
    """A preview is about to start: the last success stands as it was.

    A layer of which an offer is made is as declared, and stays Ready meanwhile.
    """
    return layer.model_copy(
        update=_fresh(run, now, images)
        | {
            "state": "Ready" if purpose == "Offer" else "Running",
            "operation": "preview",
            "adopted": layer.as_adopted,
            "plan": LayerPlan(purpose=purpose, inputs_digest=inputs_digest, run_id=run.id),
        }
    )


def _fresh(run: Run, now: float, images: Mapping[str, str]) -> dict[str, Any]:
    """What of any earlier run a new one leaves nothing of."""
    return {
        "run": run,
        "attempted_images": dict(images),
        "resources": Resources(),
        "current": "",
        "message": "",
        "started_at": moment(now),
        "finished_at": None,
        "cancelled_generation": 0,
        "next_retry_at": None,
    }
