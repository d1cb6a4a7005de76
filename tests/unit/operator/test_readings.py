"""How each phase reads as conditions, and which phase each cause leads to: README's meaning, in every case.

Reconciling: something runs, or goes on by itself. Stalled: it was tried often enough, or waits for a change.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, get_args

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_iac.failure import FailureClass
from tradai_operator.model.status import Phase as Stored
from tradai_operator.plan.retry import RETRIES
from tradai_operator.status.happenings import MOVING, REASONS
from tradai_operator.status.phases import READINGS, Phase

GOES_ON, STANDS, NEITHER = ("True", "False"), ("False", "True"), ("False", "False")
#: Phase → Reconciling and Stalled.
MEANING: Final[dict[Phase, tuple[str, str]]] = {
    Phase.READY: NEITHER,
    Phase.BUILDING: GOES_ON,
    Phase.APPROVAL: GOES_ON,
    Phase.IMAGES: GOES_ON,
    Phase.WINDOW: GOES_ON,
    Phase.RETRYING: GOES_ON,
    Phase.WAITING: STANDS,
    Phase.FAILED: STANDS,
    Phase.CANCELLED: STANDS,
    Phase.SUSPENDED: NEITHER,
    Phase.CONFLICT: STANDS,
    Phase.INVALID: STANDS,
    Phase.DELETING: GOES_ON,
    Phase.DELETE_RETRYING: GOES_ON,
    Phase.DELETE_FAILED: STANDS,
}


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_reads_as_it_is_meant(phase: Phase) -> None:
    reading = READINGS[phase]
    assert (str(reading.reconciling), str(reading.stalled)) == MEANING[phase]
    assert reading.ready == (phase is Phase.READY)


def test_every_phase_can_be_stored_and_waits_for_something_or_moves() -> None:
    assert {phase.value for phase in Phase} == set(get_args(Stored)) - {"Pending"}
    assert {phase.value for phase in Phase} <= REASONS.keys() | MOVING


async def begun(**spec: Any) -> Drive:
    drive = Drive(World(), body(**spec))
    await drive.turn(2)
    return drive


async def _failed(kind: FailureClass, times: int = 1) -> Drive:
    drive = await begun()
    drive.world.executor.succeed("foundation", FOUNDATION)
    await _fail(drive, "persistent", kind, times)
    return drive


async def _fail(drive: Drive, layer: str, kind: FailureClass, times: int) -> None:
    for number in range(times):
        drive.world.executor.fail(layer, kind)
        wake = await drive.turn()
        if number + 1 < times:
            drive.world.clock.time = wake or 0.0
            await drive.turn()


async def _destroy_failed(kind: FailureClass, times: int = 1) -> Drive:
    drive = Drive(World(), body())
    await drive.build()
    await drive.put(deleted(drive.body))
    await _fail(drive, "edge", kind, times)
    return drive


async def _teardown_plan_failed(kind: FailureClass) -> Drive:
    drive = Drive(World(), body())
    await drive.build()
    await drive.put(deleted(changed(drive.body, approval="OnDestructive")))
    for layer in list(drive.world.executor.live):
        drive.world.executor.fail(layer, kind)
    await drive.turn()
    return drive


async def _ready(**more: Any) -> Drive:
    drive = Drive(World(), body())
    await drive.build()
    if more:
        await drive.put(changed(drive.body, **more))
    return drive


async def _secret_missing(drive: Drive) -> Drive:
    del drive.world.cluster.secrets["tradai", "tradai-state"]
    drive.loop.notice_secret()
    await drive.turn()
    return drive


async def _bucket_silent(drive: Drive) -> Drive:
    drive.world.stacks.broken = True
    drive.world.clock.time += 3600
    drive.restart()
    await drive.turn()
    return drive


async def _cancelled() -> Drive:
    drive = await begun()
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.put(annotated(drive.body, cancel=drive.layer("persistent")["run"]["id"]))
    drive.world.executor.stop("persistent")
    await drive.turn()
    return drive


async def _images_missing() -> Drive:
    drive = await begun()
    drive.world.images.missing = {"backend"}
    drive.world.executor.succeed("persistent", PERSISTENT)
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    return drive


async def _gone(make: Awaitable[Drive]) -> Drive:
    drive = await make
    await drive.put(deleted(drive.body))
    return drive


CHANGE: Final = {"layers": {"persistent": {"config": {"strategyRepositories": ["m"]}}}}
#: Cause → how it comes about, the phase, and how it reads.
CAUSES: Final[dict[str, tuple[Callable[[], Awaitable[Drive]], Phase]]] = {
    "all is as declared": (_ready, Phase.READY),
    "something runs": (begun, Phase.BUILDING),
    "it failed and is tried again soon": (lambda: _failed("Throttled"), Phase.RETRYING),
    "it was tried often enough, and is tried seldom": (
        lambda: _failed("Provider", RETRIES["Provider"].limit),
        Phase.FAILED,
    ),
    "only a change helps": (lambda: _failed("Program"), Phase.FAILED),
    "a person stopped it": (_cancelled, Phase.CANCELLED),
    "images are missing": (_images_missing, Phase.IMAGES),
    "suspended, and nothing to do": (lambda: _ready(suspend=True), Phase.READY),
    "suspended with a change pending": (lambda: _ready(suspend=True, **CHANGE), Phase.SUSPENDED),
    "a change that a person has to see first": (lambda: _ready(approval="Always", **CHANGE), Phase.BUILDING),
    "another program": (lambda: _ready(program={"version": "0", "update": "Manual"}, **CHANGE), Phase.WAITING),
    "an invalid spec": (lambda: _ready(layers={"compute": {"config": {"nonsense": 1}}}), Phase.INVALID),
    "a destroy runs": (lambda: _gone(_ready()), Phase.DELETING),
    "a destroy failed and is tried again soon": (lambda: _destroy_failed("Conflict"), Phase.DELETE_RETRYING),
    "a destroy was tried often enough": (
        lambda: _destroy_failed("Conflict", RETRIES["Conflict"].limit),
        Phase.DELETE_FAILED,
    ),
    "a destroy that only a change helps": (lambda: _destroy_failed("Program"), Phase.DELETE_FAILED),
    "what a deletion takes cannot be told, and is asked again": (
        lambda: _teardown_plan_failed("Network"),
        Phase.DELETE_RETRYING,
    ),
    "what a deletion takes cannot be told before a change": (
        lambda: _teardown_plan_failed("Program"),
        Phase.DELETE_FAILED,
    ),
    "a deletion lacks its word": (
        lambda: _gone(_ready(deletionPolicy="Everything")),
        Phase.DELETE_FAILED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES)
async def test_every_cause_leads_to_its_phase_and_reads_as_that(cause: str) -> None:
    make, phase = CAUSES[cause]
    drive = await make()
    assert drive.status["phase"] == phase.value, drive.status["message"]
    reads = tuple(drive.condition(kind)["status"] for kind in ("Reconciling", "Stalled"))
    assert reads == MEANING[phase]


async def test_a_secret_that_is_missing_waits_for_a_change() -> None:
    drive = await _secret_missing(await begun())
    assert (drive.status["phase"], drive.condition("Stalled")["status"]) == ("Blocked", "True")


@pytest.mark.parametrize("going", [False, True])
async def test_a_bucket_that_does_not_answer_is_asked_again(going: bool) -> None:
    drive = await _bucket_silent(await (_gone(_ready()) if going else _ready()))
    if not going:
        await drive.put(changed(drive.body, **CHANGE))
    assert drive.status["phase"] in {"DeleteRetrying", "Deleting"} if going else {"Retrying"}
    assert (drive.condition("Reconciling")["status"], drive.condition("Stalled")["status"]) == GOES_ON


async def test_a_failure_names_the_resource_while_it_is_built_too() -> None:
    drive = await begun()
    drive.world.executor.succeed("foundation", FOUNDATION)
    urn = "urn:pulumi:dev::tradai-persistent::aws:s3/bucket:Bucket::logs"
    drive.world.executor.fail("persistent", "Program", "Traceback", urn=urn)
    await drive.turn()
    assert drive.status["message"].startswith("persistent failed at aws:s3/bucket:Bucket logs: Traceback. Do")
