"""What refuses the deletion of a stack's resources: the engine's `protect`, and AWS's own deletion protection.

Pure: a checkpoint in, obstacles out. Must never know an environment: what is recorded decides.
"""

from dataclasses import dataclass
from typing import Final

from tradai_runner.state.checkpoint import Checkpoint, Recorded

#: How the types that have it spell AWS's deletion protection, and what stands there when it is on.
_AWS_PROTECTION: Final = {
    "deletionProtection": (True, "ACTIVE"),
    "deletionProtectionEnabled": (True,),
    "enableDeletionProtection": (True,),
}


@dataclass(frozen=True)
class Obstacles:
    """URNs that the engine refuses to delete, and resources that AWS does, as `Table deployments`."""

    protected: tuple[str, ...]
    aws: tuple[str, ...]
    targets: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.targets)


def obstacles(checkpoint: Checkpoint) -> Obstacles:
    """All that stands in the way of destroying this stack; `targets` are the URNs of both kinds."""
    ours = [found for found in checkpoint.resources if found.protect]
    theirs = [found for found in checkpoint.resources if _aws_refuses(found)]
    return Obstacles(
        protected=tuple(found.urn for found in ours),
        aws=tuple(f"{found.type.rpartition(':')[2]} {found.name}" for found in theirs),
        targets=tuple(dict.fromkeys(found.urn for found in (*ours, *theirs))),
    )


def _aws_refuses(found: Recorded) -> bool:
    return any(found.inputs.get(name) in on for name, on in _AWS_PROTECTION.items())
