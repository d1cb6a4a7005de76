"""What a plan is for: it serves nothing else, and what the version before left without a purpose goes on as it was."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import product
from typing import Any, Final, get_args

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, SETTINGS, Drive
from tests.fakes.world import World
from tradai_operator.model import EnvironmentStatus, LayerPlan, Purpose

LAYERS: Final = ("persistent", "foundation", "compute", "edge")
NAME: Final = "instance/database"
NEWER: Final = replace(SETTINGS, program_version="2")
#: A journey of one environment: each step is a moment at which another operator may take over.
Journey = Callable[[Drive], AsyncIterator[None]]


def approved(drive: Drive, **more: str) -> dict[str, Any]:
    return annotated(drive.body, approve=drive.status["plan"]["digest"], approved_by="jane", **more)


async def update(drive: Drive) -> AsyncIterator[None]:
    """A change that destroys something."""
    await drive.build()
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["a"]}}}))
    yield
    drive.world.executor.plan("persistent", "deletes aws:ecr/repository:Repository momentum")
    await drive.turn()
    yield
    await drive.put(approved(drive))
    yield


async def forecast(drive: Drive) -> AsyncIterator[None]:
    """A new environment that is seen as a whole before anything of it exists."""
    await drive.turn(2)
    yield
    for layer in LAYERS:
        drive.world.executor.plan(layer, create=1)
    await drive.turn()
    yield
    await drive.put(approved(drive))
    yield
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    yield
    drive.world.executor.succeed("compute", {"alb_dns_name": "alb.local"})
    await drive.turn()
    yield


async def teardown(drive: Drive) -> AsyncIterator[None]:
    """A deletion that waits for its approval."""
    await drive.build()
    await drive.put(deleted(drive.body))
    yield
    for layer in ("edge", "compute", "foundation"):
        drive.world.executor.plan(layer, f"deletes {layer}", data=(NAME,) if layer == "foundation" else ())
    await drive.turn()
    yield
    await drive.put(approved(drive, confirm_destroy=NAME))
    yield
    for layer in ("edge", "compute"):
        drive.world.executor.succeed(layer)
        await drive.turn()
        yield


async def offer(drive: Drive) -> AsyncIterator[None]:
    """An environment on another version of the program, which is shown what the operator's own would change."""
    await drive.build()
    drive.restart(NEWER)
    await drive.turn()
    drive.world.clock.time += 900
    await drive.turn()
    yield
    for layer in LAYERS:
        drive.world.executor.plan(layer, update=1)
    await drive.turn()
    yield
    await drive.put(changed(drive.body, program={"update": "Manual", "version": "2"}))
    yield


#: Journey → the spec that it begins with, which plans it leads to, and what it runs at last.
JOURNEYS: Final[dict[Journey, tuple[dict[str, Any], set[Purpose], list[tuple[str, str]]]]] = {
    update: ({"approval": "OnDestructive"}, {"Update"}, [("preview", "persistent"), ("up", "persistent")]),
    forecast: ({"approval": "Always"}, {"Update", "Forecast"}, [("up", "compute"), ("up", "edge")]),
    teardown: ({"approval": "OnDestructive"}, {"Teardown"}, [("destroy", "compute"), ("destroy", "foundation")]),
    offer: (
        {"approval": "OnDestructive", "program": {"update": "Manual", "version": "1"}},
        {"Offer"},
        [("up", "persistent"), ("up", "foundation")],
    ),
}


def plans(drive: Drive) -> list[dict[str, Any]]:
    return [layer["plan"] for layer in drive.status["layers"] if "plan" in layer]


async def travelled(journey: Journey, *, before: bool) -> tuple[Drive, set[str], list[str]]:
    """The environment at the end, the purposes of all plans, and all that waited for approval.

    At every step another operator takes over; `before`: of the version before, which noted no purpose.
    """
    drive, purposes, asked = Drive(World(), body(**JOURNEYS[journey][0])), set[str](), list[str]()
    async for _ in journey(drive):
        purposes |= {plan.get("purpose", "") for plan in plans(drive)}
        asked.append(drive.status.get("plan", {}).get("digest", ""))
        for plan in plans(drive) if before else ():
            plan.pop("purpose", None)
        drive.restart(NEWER if journey is offer else SETTINGS)
    return drive, purposes, asked


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
async def test_what_the_version_before_had_planned_goes_on_as_if_it_had_said_what_for(journey: Journey) -> None:
    _, purposes, runs = JOURNEYS[journey]
    drive, noted, asked = await travelled(journey, before=False)
    assert noted == purposes
    assert drive.world.executor.order[-len(runs) :] == runs
    older, _, asked_then = await travelled(journey, before=True)
    assert older.world.executor.order == drive.world.executor.order
    assert asked_then == asked, "the question is the same, so that an approval that was given holds"


@pytest.mark.parametrize(("made", "wanted"), product((None, *get_args(Purpose)), get_args(Purpose)))
def test_a_plan_serves_what_it_is_for_and_an_offer_is_an_update_seen_early(
    made: Purpose | None, wanted: Purpose
) -> None:
    plan = LayerPlan(purpose=made, inputs_digest="sha256:x")
    assert plan.serves(wanted, "sha256:x") is (made in {None, wanted} or {made, wanted} == {"Update", "Offer"})
    assert not plan.serves(wanted, "sha256:y")


def test_a_purpose_of_a_later_version_is_none_that_is_known() -> None:
    told = {"layers": [{"name": "edge", "plan": {"purpose": "Rehearsal", "inputsDigest": "sha256:x"}}]}
    plan = EnvironmentStatus.parse(told).layer("edge").plan
    assert plan is not None
    assert (plan.purpose, plan.inputs_digest) == (None, "sha256:x")
