"""What a teardown takes, what stands in its way, and what it leaves: decided from the records alone.

Pure. Must never reach AWS, the engine or a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tradai_iac.failure import Failure
from tradai_operator.model import EnvironmentSpec
from tradai_operator.plan.dag import Dag
from tradai_runner.state.checkpoint import Checkpoint
from tradai_runner.teardown.contents import Content
from tradai_runner.teardown.protection import Obstacles, obstacles

What = Literal["soft", "all", "persistent"]

#: The deletion policy that each word stands for.
_POLICIES: Final = {"soft": "Soft", "all": "All", "persistent": "Everything"}
_INSTANCE: Final = "aws:rds/instance:Instance"
_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type token
_BUCKET: Final = "aws:s3/bucket:Bucket"


@dataclass(frozen=True)
class Plan:
    """Layers in the order in which they go, with what refuses to go and what lies in them, by layer."""

    what: What
    environment: str
    layers: tuple[str, ...]
    obstacles: Mapping[str, Obstacles]
    contents: Mapping[str, tuple[Content, ...]]

    @property
    def phrase(self) -> str:
        """What a person types to go on."""
        return f"destroy all data of {self.environment}" if self.what == "persistent" else self.environment


def layers_of(what: What, spec: EnvironmentSpec, recorded: Mapping[str, Checkpoint]) -> tuple[str, ...]:
    """The layers that `what` takes and that are there, each before everything that it reads."""
    taken = spec.declaration.teardown[_POLICIES[what]]
    return tuple(
        name for name in Dag.of(spec.declaration).destroy_order() if name in taken and recorded[name].resources
    )


def obstacles_of(layers: tuple[str, ...], recorded: Mapping[str, Checkpoint]) -> dict[str, Obstacles]:
    """What refuses deletion, of those layers that have such."""
    found = {layer: obstacles(recorded[layer]) for layer in layers}
    return {layer: each for layer, each in found.items() if each}


def refusals(plan: Plan, *, empty: bool, lift_protection: bool) -> list[str]:
    """Sentences about all that must be permitted first; none where the teardown may go on."""
    said: list[str] = []
    if plan.obstacles and not lift_protection:
        said += [_protected(layer, each) for layer, each in plan.obstacles.items()]
        said.append("--lift-protection takes these protections away first, by an `up` that touches nothing else")
    contents = [content for each in plan.contents.values() for content in each]
    if contents and not empty:
        said += [f"not empty: {content}" for content in contents]
        said.append("--empty deletes exactly these contents, older versions too; copy first what you want to keep")
    return said


def _protected(layer: str, found: Obstacles) -> str:
    parts = [f"the engine protects {len(found.protected)} resources"] if found.protected else []
    if found.aws:
        parts.append(f"AWS refuses to delete {', '.join(found.aws)}")
    return f"{layer} is protected: {'; '.join(parts)}"


def filled_meanwhile(agreed: tuple[Content, ...], now: tuple[Content, ...]) -> Failure | None:
    """Why nothing is emptied: something is not empty now and was empty when the person agreed."""
    named = {(content.kind, content.name) for content in agreed}
    new = [content for content in now if (content.kind, content.name) not in named]
    said = "\n".join(f"filled meanwhile: {content}" for content in new)
    return Failure(kind="Conflict", error=said, hint="run it again") if new else None


def leftovers(layers: tuple[str, ...], recorded: Mapping[str, Checkpoint]) -> list[str]:
    """What those layers leave in AWS on purpose."""
    said: list[str] = []
    for layer in layers:
        for found in recorded[layer].resources:
            if found.type == _INSTANCE and not found.inputs.get("skipFinalSnapshot"):
                said.append(f"the final snapshot {found.inputs.get('finalSnapshotIdentifier')} of the database")
            elif found.type == _SECRET and (days := found.inputs.get("recoveryWindowInDays")):
                said.append(f"secret {found.inputs.get('name')}, recoverable for {days:g} days")
            elif found.type == _BUCKET and found.retained:
                said.append(f"bucket {found.id}, with the state and the logs of all runs")
    return said
