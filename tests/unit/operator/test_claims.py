"""Who of several resources of one environment may build it: who stands, then who is older, invalid ones too."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.bodies import body, changed, deleted
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tradai_operator.decide.claims import Claim, claim_of, first_of, rival_of
from tradai_operator.model import Environment, EnvironmentStatus, Metadata
from tradai_operator.reconcile.loop import Loop
from tradai_runner.contract import Destroy

LATER = "2027-01-15T07:59:01Z"
STANDING = {"layers": [{"name": "persistent", "attemptedDigest": "sha256:x", "state": "Ready"}]}
REFUSED = {
    "layers": [
        {"name": "persistent", "attemptedDigest": "sha256:x", "state": "Failed", "failure": {"kind": "Owner"}},
    ]
}


def claim(made: Mapping[str, Any], status: Mapping[str, Any] | None = None) -> Claim:
    found = claim_of({**made, "status": dict(status or {})})
    assert found is not None
    return found


ROWS = {
    "the older one": (claim(body("a", uid="a")), claim(body("b", uid="b", created=LATER)), "a"),
    "of one second, the smaller uid": (claim(body("a", uid="b")), claim(body("b", uid="a")), "b"),
    "who stands, over age": (claim(body("a", uid="a")), claim(body("b", uid="b", created=LATER), STANDING), "b"),
    "who stands, over the uid": (claim(body("a", uid="b"), STANDING), claim(body("b", uid="a")), "a"),
    "both stand": (
        claim(body("a", uid="a"), STANDING),
        claim(body("b", uid="b", created=LATER), STANDING),
        "a",
    ),
    "who was refused by the marker stands not": (
        claim(body("a", uid="b"), STANDING),
        claim(body("b", uid="a"), REFUSED),
        "a",
    ),
    "who has never touched anything stands not": (
        claim(body("a", uid="b"), STANDING),
        claim(body("b", uid="a"), {"layers": [STANDING["layers"][0] | {"untouched": True}]}),
        "a",
    ),
}


@pytest.mark.parametrize("row", ROWS, ids=list(ROWS))
def test_who_goes_first(row: str) -> None:
    one, other, first = ROWS[row]
    assert first_of([one, other]).who == first_of([other, one]).who == f"tradai/{first}"


@given(st.permutations([claim(body(str(n), uid=str(n)), STANDING if n % 2 else None) for n in range(6)]))
def test_all_of_them_agree_on_one(claims: list[Claim]) -> None:
    assert first_of(claims).who == "tradai/1"


def test_a_claim_is_read_from_a_body_that_is_invalid_just_now() -> None:
    bad = changed(body(), layers={"compute": {"config": {"nonsense": 1}}})
    assert claim(bad).of == claim(body()).of


@pytest.mark.parametrize("spec", [None, {}, {"environment": 3}, {"environment": "dev"}, {"aws": "x"}])
def test_who_names_no_environment_claims_none(spec: Any) -> None:
    assert claim_of({**body(), "spec": spec}) is None


async def test_an_older_claimant_that_is_invalid_just_now_still_claims() -> None:
    world = World()
    world.cluster.objects["uid-0"] = changed(
        body("first", uid="uid-0"), layers={"compute": {"config": {"nonsense": 1}}}
    )
    drive = Drive(world, body(created=LATER))
    await drive.turn()
    assert drive.status["phase"] == "Conflict"
    assert "tradai/first" in drive.status["message"]
    assert not world.executor.live


async def twins() -> tuple[Drive, Drive]:
    """Two of one second, of which the one that stands has the larger uid."""
    world = World()
    owner = Drive(world, body("a", uid="uid-b"))
    await owner.build()
    other = Drive(world, body("b", uid="uid-a"))
    owner.loop = Loop(owner.body, world.ports, SETTINGS)  # the operator restarts
    return owner, other


async def test_of_twins_the_one_that_stands_is_destroyed_as_its_policy_says() -> None:
    owner, _ = await twins()
    owner.world.cluster.objects[owner.uid] = deleted(owner.body)
    await owner.turn()
    assert owner.uid in owner.world.cluster.objects
    assert set(owner.world.executor.live) == {"edge"}


async def test_of_twins_the_other_waits_and_goes_without_a_run() -> None:
    owner, other = await twins()
    await other.turn()
    assert other.status["phase"] == "Conflict"
    before = len(owner.world.executor.order)
    owner.world.cluster.objects[other.uid] = deleted(other.body)
    await other.turn()
    assert other.uid not in owner.world.cluster.objects
    assert owner.world.executor.order[before:] == []


async def test_who_may_have_touched_something_asks_the_marker_before_it_goes_as_not_its_own() -> None:
    """Both ran; the status alone cannot tell whose it is, and what it would leave behind nobody would take down."""
    world = World()
    older = Drive(world, body("a", uid="uid-a"))
    await older.build()
    later = Drive(world, body("b", uid="uid-b", created=LATER))
    later.body["status"] = older.body["status"]
    later.restart()
    world.cluster.objects[later.uid] = deleted(later.body)
    await later.turn()
    assert later.uid in world.cluster.objects, "let go on the word of a list"
    asked = [request for handle, request in world.executor.started.items() if handle.startswith("uid-b")]
    (request,) = asked
    assert isinstance(request, Destroy)
    assert request.owned_only


def test_of_many_environments_only_rivals_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    env = Environment.parse(body("mine", uid="uid-mine", created=LATER))
    others = [body(str(n), uid=str(n), environment=f"eph-{n}") for n in range(50)]
    parse, parsed = Metadata.parse, list[str]()

    def counted(made: Mapping[str, Any]) -> Metadata:
        parsed.append(made["metadata"]["uid"])
        return parse(made)

    monkeypatch.setattr(Metadata, "parse", counted)
    assert rival_of(env, EnvironmentStatus(), others) is None
    assert rival_of(env, EnvironmentStatus(), [*others, body("first", uid="uid-0")]) == "tradai/first"
    assert parsed == ["uid-0"]
