"""The guards of a deletion come from what people wrote last, be it valid or not; of two, the stricter one counts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tradai_operator.model import InvalidResource
from tradai_operator.model.lenient import guards_of, made_whole, stricter

NONSENSE = {"compute": {"config": {"nonsense": 1}}}
POLICIES = ["Retain", "Soft", "All", "Everything"]
APPROVALS = ["Always", "OnDestructive", "Never"]
written = {
    "deletionPolicy": st.sampled_from(POLICIES),
    "approval": st.sampled_from(APPROVALS),
    "ttl": st.just("1h"),
}
guards = st.fixed_dictionaries({}, optional=written).map(guards_of)


@given(guards, guards)
def test_neither_of_two_is_weakened_by_the_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    both = stricter(one, other)
    assert both == stricter(other, one)
    for name, steps in (("deletionPolicy", POLICIES), ("approval", APPROVALS)):
        assert steps.index(both[name]) == min(steps.index(one[name]), steps.index(other[name]))
    assert ("ttl" in both) <= ("ttl" in one and "ttl" in other and both["deletionPolicy"] == "Everything")


@given(guards)
def test_a_spec_is_as_strict_as_itself(one: dict[str, Any]) -> None:
    expected = one if one["deletionPolicy"] == "Everything" else {k: v for k, v in one.items() if k != "ttl"}
    assert stricter(one, one) == expected


def test_everything_else_is_as_it_was_kept() -> None:
    whole = made_whole({"deletionPolicy": "Retain", "environment": "prod", "layers": NONSENSE}, body()["spec"])
    stricter_ones = {"deletionPolicy": "Retain", "approval": "OnDestructive", "drift": {"enabled": True}}
    assert whole == body()["spec"] | stricter_ones


@pytest.mark.parametrize("policy", ["Nothing", 3, None])
def test_a_policy_that_cannot_be_read_is_asked_for(policy: Any) -> None:
    with pytest.raises(InvalidResource, match="deletionPolicy: write one of Retain, Soft, All, Everything"):
        made_whole({"deletionPolicy": policy}, body()["spec"])


def test_an_approval_that_cannot_be_read_asks_every_time() -> None:
    assert made_whole({"deletionPolicy": "All", "approval": "x"}, body()["spec"])["approval"] == "Always"


@pytest.mark.parametrize("live", [None, "x", [], {}])
def test_a_spec_that_is_none_says_what_absent_fields_say(live: Any) -> None:
    whole = made_whole(live, body()["spec"])
    assert (whole["deletionPolicy"], whole["approval"]) == ("Soft", "OnDestructive")


async def standing(**spec: Any) -> Drive:
    drive = Drive(World(), body(**spec))
    await drive.build()
    return drive


async def invalid_and_deleted(drive: Drive, **spec: Any) -> list[tuple[str, str]]:
    """What begins then."""
    before = len(drive.world.executor.order)
    drive.world.cluster.objects[drive.uid] = deleted(changed(drive.body, layers=NONSENSE, **spec))
    for _ in range(3):
        if drive.uid in drive.world.cluster.objects:
            await drive.turn()
    return drive.world.executor.order[before:]


async def test_a_policy_hardened_after_the_last_run_holds_for_an_invalid_spec() -> None:
    drive = await standing(deletionPolicy="All", approval="Never")
    await drive.put(changed(drive.body, deletionPolicy="Retain"))
    assert await invalid_and_deleted(drive) == []
    assert drive.uid not in drive.world.cluster.objects
    [record] = drive.world.cluster.records.values()
    assert record["layers"] == "persistent, foundation, compute, edge"


async def test_an_approval_hardened_after_the_last_run_holds_for_an_invalid_spec() -> None:
    drive = await standing(deletionPolicy="All", approval="Never")
    await drive.put(changed(drive.body, approval="Always"))
    assert {operation for operation, _ in await invalid_and_deleted(drive)} == {"preview"}


async def test_a_guard_lowered_by_the_edit_that_made_it_invalid_stays_up() -> None:
    drive = await standing(deletionPolicy="Soft", approval="Never")
    await drive.put(changed(drive.body, approval="OnDestructive"))
    begun = await invalid_and_deleted(drive, approval="Never", deletionPolicy="Everything")
    assert {operation for operation, _ in begun} == {"preview"}
    assert {layer for _, layer in begun} == {"edge", "compute"}


async def test_a_ttl_that_only_the_record_has_confirms_nothing() -> None:
    drive = Drive(World(), body(environment="eph-a", ttl="72h", deletionPolicy="Everything", approval="OnDestructive"))
    await drive.build()
    spec = {key: value for key, value in drive.body["spec"].items() if key != "ttl"}
    drive.body["spec"] = spec
    assert {operation for operation, _ in await invalid_and_deleted(drive)} == {"preview"}


async def test_a_policy_mended_in_mid_deletion_is_heard() -> None:
    drive = await standing(deletionPolicy="All", approval="Never")
    assert await invalid_and_deleted(drive) == [("destroy", "edge")]
    await drive.put(changed(drive.body, deletionPolicy="Retain"))
    assert len(drive.world.executor.cancelled) == 1


async def test_a_record_of_an_earlier_version_is_read() -> None:
    drive = await standing(deletionPolicy="All", approval="Never")
    capsule = drive.world.cluster.secrets["tradai-system", f"tradai-capsule-{drive.uid}"]
    assert set(capsule) == {"spec", "passphrase"}
    drive.restart()
    assert await invalid_and_deleted(drive) == [("destroy", "edge")]


async def test_an_unreadable_policy_holds_the_deletion_until_it_is_written_or_abandoned() -> None:
    drive = await standing(deletionPolicy="All", approval="Never")
    assert await invalid_and_deleted(drive, deletionPolicy="Nothing") == []
    assert drive.status["phase"] == "Invalid"
    assert "spec.deletionPolicy: write one of" in drive.status["message"]
    drive.world.cluster.objects[drive.uid] = annotated(drive.body, abandon="dev")
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
