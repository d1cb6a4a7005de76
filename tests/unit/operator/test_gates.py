"""The gates before a layer's run: for whatever stands in its way at once, which gate speaks, and in which words."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any, Final

import pytest

from tests.fakes.bodies import body
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.images.wanted import wanted_images
from tradai_operator.decide.candidate import Candidate
from tradai_operator.decide.decision import StartRun
from tradai_operator.decide.facts import Facts, ImageFacts, SecretFacts
from tradai_operator.decide.gates import GATES, closed, step_of
from tradai_operator.decide.steps import Step
from tradai_operator.model import Environment, EnvironmentStatus, LayerPlan, LayerStatus, Run
from tradai_operator.model.times import moment
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.phases import Phase

#: A Friday, 08:00 UTC.
NOW: Final = 1_800_000_000.0
LAYER: Final = TRADAI.layer("compute")
NAMES: Final = tuple(gate.name for gate in GATES)
#: Gate → what of the spec shuts it.
SPEC: Final[dict[str, dict[str, Any]]] = {
    "disabled": {"layers": {"compute": {"enabled": False}}},
    "program": {"program": {"version": "0", "update": "Manual"}},
    "suspended": {"suspend": True},
    "approval": {"approval": "Always"},
    "window": {"maintenance": {"windows": [{"schedule": "0 22 * * SAT", "duration": "4h"}]}},
}
#: Gate → phase, and the beginning of the layer's note, where it is the only one that is shut.
WORDS: Final[dict[str, tuple[Phase, str | None]]] = {
    "running": (Phase.BUILDING, None),
    "disabled": (Phase.READY, "disabled in the spec"),
    "upstream": (Phase.BUILDING, "waits for persistent"),
    "declared": (Phase.READY, ""),
    "program": (Phase.WAITING, "waits for an operator with program 0"),
    "suspended": (Phase.SUSPENDED, "the environment is suspended"),
    "approval": (Phase.APPROVAL, "its plan waits for approval"),
    "retry": (Phase.FAILED, None),
    "window": (Phase.WINDOW, "waits for a maintenance window"),
    "images": (Phase.BUILDING, "its images are being looked up"),
}


def facts(*, images: bool) -> Facts:
    wanted = wanted_images(TRADAI, "compute", Environment.parse(body()).spec.layer("compute").config, "dev")
    found = {image.component: f"sha256:{image.component}" for image in wanted}
    seen = {"compute": ImageFacts(wanted, NOW, found)} if images else {}
    return Facts(NOW, TRADAI, "1", SecretFacts(state="print"), images=seen, since=NOW)


def candidate(shut: Collection[str]) -> Candidate:
    """Compute, which has something to do, with those gates shut before it and no other."""
    spec = {key: value for name in shut for key, value in SPEC.get(name, {}).items()}
    above = {name: Step(Phase.BUILDING, ready="upstream" not in shut) for name in LAYER.reads}
    status = EnvironmentStatus(revision="0123", phase="Building")
    first = Candidate(Environment.parse(body(**spec)), status, facts(images="images" not in shut), LAYER, above)
    return replace(first, status=with_layer(status, _layer(shut, first.desired)))


def _layer(shut: Collection[str], desired: str) -> LayerStatus:
    """Compute as its status has it; it stood before with other inputs, and has a plan that would change it."""
    changes: dict[str, Any] = {"state": "Ready", "operation": "up", "attempted_digest": "x", "inputs_digest": "x"}
    changes["plan"] = LayerPlan(digest="p", inputs_digest=desired, update=1, planned_at=moment(NOW))
    if "retry" in shut:
        changes |= {"state": "Failed", "attempted_digest": desired}
    if "declared" in shut:
        changes["inputs_digest"] = desired
    if "running" in shut:
        changes |= {"state": "Running", "run": Run(id="run-1", handle="h")}
    return LayerStatus(name="compute", **changes)


def sets() -> Iterator[tuple[str, ...]]:
    """No gate, each, any two, and each with all that come after it."""
    for count in (0, 1, 2):
        yield from combinations(NAMES, count)
    yield from (NAMES[place:] for place in range(len(NAMES)))


@pytest.mark.parametrize("shut", sets(), ids=lambda shut: "+".join(shut) or "none")
def test_the_first_gate_that_is_shut_speaks(shut: tuple[str, ...]) -> None:
    spoken = closed(candidate(shut))
    assert (spoken[0].name if spoken else None) == (shut[0] if shut else None)


@pytest.mark.parametrize("name", NAMES)
def test_each_gate_says_in_its_own_words_what_a_layer_waits_for(name: str) -> None:
    step = step_of(candidate([name]))
    assert step.action is None
    assert (step.phase, step.note.message[: len(WORDS[name][1] or "")] if step.note else None) == WORDS[name]


def test_past_the_last_gate_the_run_begins() -> None:
    step = step_of(candidate([]))
    assert isinstance(step.action, StartRun)
    assert (step.action.operation, step.phase) == ("up", Phase.BUILDING)


@pytest.mark.parametrize("gate", GATES, ids=NAMES)
def test_images_are_looked_for_meanwhile_where_nothing_else_asks_for_them(gate: Any) -> None:
    step = step_of(candidate([gate.name, "images"]))
    asked = step.look is not None or step.wake_at is not None
    assert asked == (gate.idle or gate.name == "images")
