"""`state.durability`: what stands without a word stays Sync, what is new begins with Group; neither is forgotten."""

from typing import Any, get_args

import pytest

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tests.unit.operator.guarded import BEFORE, NOW, environment, guards
from tests.unit.operator.test_adoption import LAYERS
from tests.unit.operator.test_guards_made_whole import NEVER_COMES
from tradai_operator.decide.adoption import adopted, held, lifted
from tradai_operator.decide.decision import StartUpdate
from tradai_operator.decide.facts import StackSeen
from tradai_operator.decide.requests import request_for
from tradai_operator.model import Environment, EnvironmentStatus, GuardStatus, LayerStatus
from tradai_operator.model.in_force import DURABILITY, guards_of
from tradai_operator.model.lenient import made_whole
from tradai_runner.contract import Asked, Durability, Owner

WORD = "state.durability=Group"
#: What a version that knew of no durability has left.
OF_BEFORE = {name: value for name, value in guards().items() if name != DURABILITY}
SYNC, GROUP = ({**OF_BEFORE, DURABILITY: step} for step in ("Sync", "Group"))
TOUCHED = LayerStatus(name="persistent", attempted_digest="sha256:1")


def state(durability: str | None) -> dict[str, Any]:
    """`spec.state` with that word, or without one."""
    known: dict[str, Any] = body()["spec"]["state"]
    return known | ({"durability": durability} if durability else {})


def says(durability: str | None, **notes: str) -> Environment:
    return environment({"state": state(durability)}, **notes)


def marker(known: dict[str, str] | None, owner: Owner = BEFORE) -> StackSeen:
    return StackSeen(owner.model_copy(update={"guards": known}), stands=True)


def in_force(env: Environment, status: EnvironmentStatus) -> tuple[str | None, bool]:
    """What its runs are given, and whether the spec asks for less."""
    asked = request_for(held(env, status), StartUpdate("edge", "x"), "r", SETTINGS).durability
    assert status.guards is not None
    assert status.guards.durability == asked
    return asked, DURABILITY in status.guards.kept


@pytest.mark.parametrize(
    ("found", "silent", "group"),
    [
        pytest.param({}, "Group", ("Group", False), id="nothing stands"),
        pytest.param({"edge": StackSeen(BEFORE)}, "Sync", ("Group", False), id="a marker of nothing"),
        pytest.param({"edge": StackSeen(stands=True)}, "Sync", ("Sync", True), id="nobody's"),
        pytest.param({"edge": marker(None)}, "Sync", ("Sync", True), id="a marker without guards"),
        pytest.param({"edge": marker(None, NOW)}, "Sync", ("Sync", True), id="its own without guards"),
        pytest.param({"edge": marker(OF_BEFORE)}, "Sync", ("Sync", True), id="one of a version before"),
        pytest.param({"edge": marker(OF_BEFORE, NOW)}, "Sync", ("Sync", True), id="its own of a version before"),
        pytest.param({"edge": marker(SYNC)}, "Sync", ("Sync", True), id="one that was Sync"),
        pytest.param({"edge": marker(GROUP)}, "Group", ("Group", False), id="one that was Group"),
        pytest.param({"edge": marker(GROUP, NOW)}, "Group", ("Group", False), id="its own, the status lost"),
        pytest.param({"edge": marker({**GROUP, DURABILITY: "Later"})}, "Sync", ("Sync", True), id="a later step"),
        pytest.param({"edge": marker(GROUP), "compute": marker(SYNC)}, "Sync", ("Sync", True), id="both"),
    ],
)
def test_an_environment_that_comes_to_its_stacks(
    found: dict[str, StackSeen], silent: str, group: tuple[str, bool]
) -> None:
    def come(env: Environment) -> tuple[str | None, bool]:
        return in_force(env, lifted(env, adopted(env, EnvironmentStatus(), found, NOW, "here")))

    assert come(says(None)) == (silent, False), "who says nothing lowers nothing"
    assert come(says("Sync")) == ("Sync", False)
    assert come(says("Group")) == group
    assert come(says("Group", lower_guards=WORD)) == ("Group", False)
    assert come(says(None, lower_guards=WORD)) == (silent, False), "a word permits what the spec says, and says nothing"


@pytest.mark.parametrize("status", [{"layers": (TOUCHED,)}, {"outputs": {"edge": {}}}], ids=["touched", "stood"])
def test_what_ran_before_anybody_remembered_anything_is_not_new(status: dict[str, Any]) -> None:
    env = says(None)
    assert in_force(env, lifted(env, adopted(env, EnvironmentStatus(**status), {}, NOW, "here"))) == (
        "Sync",
        False,
    )


@pytest.mark.parametrize(
    ("remembered", "spec", "expected"),
    [
        (None, None, ("Sync", False)),
        (None, "Sync", ("Sync", False)),
        (None, "Group", ("Sync", True)),  # no API server has guarded it: its policy came with the field
        ("Sync", None, ("Sync", False)),
        ("Sync", "Sync", ("Sync", False)),
        ("Sync", "Group", ("Group", False)),  # an approver's word, as the API server knows
        ("Group", None, ("Group", False)),
        ("Group", "Sync", ("Sync", False)),
        ("Group", "Group", ("Group", False)),
    ],
)
def test_what_the_status_remembers_counts_where_the_spec_is_silent(
    remembered: Durability | None, spec: str | None, expected: tuple[str, bool]
) -> None:
    env, status = says(spec), EnvironmentStatus(guards=GuardStatus(durability=remembered))
    assert in_force(env, lifted(env, status)) == expected


def test_a_raised_guard_is_not_lowered_by_taking_the_word_back() -> None:
    status = EnvironmentStatus(guards=GuardStatus(durability="Group"))
    for spec in ("Sync", None, None):
        status = lifted(says(spec), status)
    assert in_force(says(None), status) == ("Sync", False)


def test_what_is_not_in_force_yet_stays_so_whatever_else_is_asked() -> None:
    env = says("Group")
    status = lifted(env, adopted(env, EnvironmentStatus(), {"edge": marker(SYNC)}, NOW, "here"))
    assert status.guards is not None
    assert f"tradai.io/lower-guards={WORD}" in status.guards.message
    again = adopted(env, status, {"edge": marker(SYNC, NOW)}, NOW, "here")
    assert in_force(env, lifted(env, again)) == ("Sync", True)
    assert in_force(says(None), lifted(says(None), again)) == ("Sync", False), "silence asks for no less"


def test_another_bucket_is_held_to_the_stricter_of_there_and_here() -> None:
    env, before = says(None), EnvironmentStatus(guards=GuardStatus(durability="Group", place="s3://elsewhere"))
    assert in_force(env, lifted(env, adopted(env, before, {"edge": marker(SYNC)}, NOW, "here"))) == (
        "Sync",
        False,
    )
    assert in_force(env, lifted(env, adopted(env, before, {}, NOW, "here"))) == ("Group", False)


def test_where_nobody_could_be_asked_a_run_is_synchronous() -> None:
    env = says(None)
    assert request_for(held(env, EnvironmentStatus()), StartUpdate("edge", "x"), "r", SETTINGS).durability == "Sync"
    assert guards_of(env.spec)[DURABILITY] == "Sync"


def test_the_request_of_an_earlier_operator_is_synchronous_and_has_the_words_of_the_spec() -> None:
    field = Asked.model_fields["durability"]
    assert field.default == "Sync"
    assert get_args(field.annotation) == get_args(Durability)


def asked(world: World) -> set[str]:
    return {request.durability for request in world.executor.started.values()}


async def test_a_new_environment_begins_with_group_and_every_run_and_marker_has_it() -> None:
    drive = Drive(World(), body())
    await drive.turn(2)
    assert asked(drive.world) == {"Group"}
    await drive.build()
    assert drive.status["guards"]["durability"] == "Group"
    assert {owner.guards[DURABILITY] for owner in drive.world.executor.made.values() if owner.guards} == {"Group"}
    await drive.put(changed(drive.body, state=state("Sync")))
    await drive.turn()
    assert drive.status["guards"]["durability"] == "Sync"
    assert {mark.guards[DURABILITY] for mark in drive.world.stacks.marks if mark.guards} == {"Sync"}
    assert drive.world.executor.live == {}, "nothing runs for it"


async def test_an_environment_of_an_operator_before_stays_synchronous_and_that_is_noted_once() -> None:
    drive = Drive(World(), body())
    await drive.build()
    known = drive.body["status"]["guards"]
    del known["durability"], known["noted"][DURABILITY]
    for layer, owner in drive.world.executor.made.items():
        told = {name: value for name, value in (owner.guards or {}).items() if name != DURABILITY}
        drive.world.executor.made[layer] = owner.model_copy(update={"guards": told})
    drive.restart()
    await drive.turn(2)
    assert (drive.status["guards"]["durability"], drive.status["guards"]["kept"]) == ("Sync", {})
    assert {mark.guards[DURABILITY] for mark in drive.world.stacks.marks if mark.guards} == {"Sync"}
    assert len(drive.world.stacks.marks) == len(LAYERS)
    looks, writes = drive.world.stacks.looks, len(drive.world.cluster.statuses)
    drive.restart()
    await drive.turn(3)
    assert (drive.world.stacks.looks, len(drive.world.cluster.statuses)) == (looks, writes)


@pytest.mark.parametrize("before", ["Sync", "Group"])
async def test_making_the_resource_again_lowers_nothing_and_raises_nothing(before: str) -> None:
    drive = Drive(World(), body(deletionPolicy="Retain", state=state(before)))
    await drive.build()
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    again = Drive(drive.world, body(uid="uid-2", deletionPolicy="Retain"))
    await again.turn(2)
    assert (again.status["guards"]["durability"], again.status["guards"]["kept"]) == (before, {})


async def test_a_resource_made_again_that_asks_for_less_waits_for_an_approver() -> None:
    drive = Drive(World(), body(deletionPolicy="Retain", state=state("Sync")))
    await drive.build()
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    again = Drive(drive.world, body(uid="uid-2", deletionPolicy="Retain", state=state("Group")))
    await again.turn(2)
    assert again.status["guards"]["kept"] == {DURABILITY: "Sync"}
    assert asked(again.world) == {"Sync"}
    await again.put(annotated(again.body, lower_guards=WORD))
    assert (again.status["guards"]["durability"], again.status["guards"]["kept"]) == ("Group", {})


@pytest.mark.parametrize(
    ("written", "kept", "expected"),
    [
        (state(None), state(None), None),
        (state(None), state("Group"), None),  # what holds is in the status, and the record may be older
        (state(None), state("Sync"), None),
        (state("Group"), state("Sync"), "Sync"),
        (state("Sync"), state("Group"), "Sync"),
        (state("Group"), state("Group"), "Group"),
        (state("Later"), state("Group"), "Sync"),
        (3, state("Group"), "Sync"),
        (state("Group"), state(None), None),
    ],
)
def test_a_deletion_by_an_invalid_spec_goes_by_the_stricter(written: Any, kept: Any, expected: str | None) -> None:
    spec = body()["spec"]
    whole = made_whole(spec | {"drift": NEVER_COMES, "state": written}, spec | {"state": kept})
    assert whole["state"].get("durability") == expected
