"""Who may not approve cannot make an environment be watched less; one that was Ready before that was so goes on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tests.unit.operator.guarded import BEFORE, NOW, environment, guards
from tradai_operator.decide.adoption import adopted, held, lifted
from tradai_operator.decide.drift import due_at
from tradai_operator.decide.facts import Facts, SecretFacts, StackSeen
from tradai_operator.decide.markers import marked, recalled, untold
from tradai_operator.model import Environment, EnvironmentStatus, GuardStatus, InvalidResource, LayerStatus
from tradai_operator.model.environment import parse_spec
from tradai_operator.model.in_force import LATER, guards_of
from tradai_operator.model.lenient import made_whole
from tradai_operator.model.seldom import dense
from tradai_operator.model.watch_words import watch_words

TOPIC = {"topicArn": "arn:aws:sns:eu-central-1:123456789012:approvals"}
RULE = {"path": "tags.Owner", "reason": "the scanner tags"}
#: Everything that makes an environment be watched less.
LESS: dict[str, Any] = {
    "drift": {"enabled": False, "schedule": "0 0 1 1 *", "ignore": [RULE]},
    "layers": {"edge": {"enabled": False}},
}


def before(known: dict[str, str]) -> dict[str, str]:
    """Guards as a version has left them that knew none of these."""
    return {name: value for name, value in known.items() if name not in LATER}


async def ready(**spec: Any) -> Drive:
    drive = Drive(World(), body(deletionPolicy="Retain", **spec))
    await drive.build()
    return drive


async def made_again(drive: Drive, **spec: Any) -> Drive:
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    again = Drive(drive.world, body(uid="uid-2", deletionPolicy="Retain", **spec))
    await again.turn(2)
    return again


async def test_making_it_again_makes_nobody_look_away() -> None:
    drive = await made_again(await ready(drift={"enabled": True}, notify=TOPIC), **LESS)
    kept = drive.status["guards"]["kept"]
    assert set(kept) == {"drift.enabled", "drift.schedule", "drift.ignore", "notify", "layers.disabled"}
    now = held(Environment.parse(drive.body), EnvironmentStatus.parse(drive.status)).spec
    assert (now.drift.enabled, now.drift.schedule, now.drift.ignore) == (True, "0 */6 * * *", ())
    assert now.layer("edge").enabled
    assert now.notify is not None
    assert now.notify.topic_arn == TOPIC["topicArn"]
    words = drive.status["guards"]["message"].partition("tradai.io/lower-guards=")[2].partition(", or you can")[0]
    await drive.put(annotated(drive.body, lower_guards=words))
    assert drive.status["guards"]["kept"] == {}


async def test_an_environment_of_an_operator_before_goes_on_whatever_its_spec_says() -> None:
    drive = await ready(notify=TOPIC, drift={"enabled": False, "schedule": "*/5 * * * *", "ignore": [RULE]})
    known = drive.body["status"]["guards"]
    known["noted"] = before(known["noted"])
    for layer, owner in drive.world.executor.made.items():
        drive.world.executor.made[layer] = owner.model_copy(update={"guards": before(dict(owner.guards or {}))})
    drive.restart()
    await drive.turn(3)
    assert (drive.status["phase"], drive.status["guards"]["kept"]) == ("Ready", {})
    assert set(drive.status["guards"]["noted"]) >= LATER, "from now on they are known"
    await drive.put(changed(drive.body, **LESS))
    assert drive.status["guards"]["kept"] == {}, "the API server has let an approver do that"


@pytest.mark.parametrize("uid", ["uid-0", "uid-1"], ids=["another's", "its own"])
@pytest.mark.parametrize("known", [None, before(guards())], ids=["no guards", "guards of before"])
def test_a_marker_that_does_not_know_of_them_binds_to_nothing(uid: str, known: dict[str, str] | None) -> None:
    env = environment({**LESS, "approval": "OnDestructive"})
    marker = BEFORE.model_copy(update={"guards": known, "uid": uid})
    seen = {"edge": StackSeen(marker, stands=True)}
    for status in (EnvironmentStatus(), EnvironmentStatus(guards=GuardStatus(noted=known or {}, place="here"))):
        after = recalled(env, lifted(env, adopted(env, status, seen, NOW, "here")), seen, NOW)
        assert after.guards is not None
        assert not LATER & set(after.guards.kept)
        mine = NOW.model_copy(update={"guards": guards_of(env.spec)})
        told = marked(marker, mine)
        assert told is not None
        assert told.guards is not None
        assert {name: told.guards[name] for name in LATER} == watch_words(env.spec)


def test_what_nobody_ever_told_does_not_hold_a_resource_up() -> None:
    env = environment(LESS)
    touched = LayerStatus(name="edge", attempted_digest="sha256:1")
    noted = GuardStatus(noted=before(guards_of(env.spec)))
    assert untold(env, EnvironmentStatus(layers=(touched,), guards=noted)) == {}


@pytest.mark.parametrize(
    ("written", "kept", "expected"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_a_deletion_by_an_invalid_spec_is_watched_as_the_stricter_says(
    written: bool, kept: bool, expected: bool
) -> None:
    spec = body()["spec"]
    live, record = ({**spec, "drift": {"enabled": value}} for value in (written, kept))
    whole = made_whole({**live, "aws": {}}, record)
    assert Environment.parse({**body(), "spec": whole}).spec.drift.enabled is expected


DENSE = ("* * * * *", "*/5 * * * *", "*/14 * * * *", "*/25 * * * *", "0,10 * * * *", "0,50 3 * * *", "0-15/5 1 * * *")
SELDOM = (
    "0 */6 * * *",
    "*/15 * * * *",
    "*/20 * * * *",
    "59 * * * *",
    "5/20 1 * * SAT",
    "*/30 * * * *",
    "10-40/15 * * * *",
    "7/30 * * * *",
)


@pytest.mark.parametrize("schedule", [*DENSE, "0,30 * * * *"])
def test_looks_less_than_a_quarter_of_an_hour_apart_are_refused_and_stored_ones_are_read(schedule: str) -> None:
    manifest = body(drift={"schedule": schedule})
    with pytest.raises(InvalidResource, match=r"^drift\.schedule: write one minute, or a step of 15, 20 or 30"):
        parse_spec(manifest)
    assert Environment.parse(manifest).spec.drift.schedule == schedule


@pytest.mark.parametrize("schedule", SELDOM)
def test_looks_a_quarter_of_an_hour_apart_are_taken(schedule: str) -> None:
    assert parse_spec(body(drift={"schedule": schedule})).drift.schedule == schedule


ONE = st.integers(0, 59).map(str)
SPAN = st.one_of(st.just("*"), ONE, st.builds("{}-{}".format, ONE, ONE))


@given(
    st.lists(
        st.builds("{}{}".format, SPAN, st.sampled_from(["", "/10", "/15", "/16", "/20", "/30", "/45"])),
        min_size=1,
        max_size=2,
    )
)
def test_no_schedule_that_is_taken_is_dense(minutes: list[str]) -> None:
    schedule = f"{','.join(minutes)} * * * *"
    try:
        parse_spec(body(drift={"schedule": schedule}))
    except InvalidResource:
        return
    assert not dense(schedule)


@pytest.mark.parametrize("part", ["urn", "type", "path"])
def test_two_stars_are_refused_and_stored_ones_are_read(part: str) -> None:
    manifest = body(drift={"ignore": [{part: "a**b", "reason": "r"}]})
    with pytest.raises(InvalidResource, match=rf"^drift\.ignore\[0\]\.{part}: write one \*"):
        parse_spec(manifest)
    assert getattr(Environment.parse(manifest).spec.drift.ignore[0], part) == "a**b"


@pytest.mark.parametrize("schedule", DENSE)
def test_what_was_stored_before_is_looked_at_no_more_often_than_that(schedule: str) -> None:
    env = environment({"drift": {"schedule": schedule}})
    at = 1_800_000_000.0
    status = EnvironmentStatus.parse(
        {
            "drift": {
                "layers": [
                    {"name": "edge", "finding": "Clean", "triedAt": "2027-01-15T08:00:00Z", "rules": _rules(env)}
                ]
            }
        }
    )
    facts = Facts(now=at, blueprint=env.spec.declaration, program_version="1", secrets=SecretFacts("x"), since=0.0)
    assert due_at(env, status, facts, "edge") >= at + 900


def _rules(env: Environment) -> str:
    from tradai_operator.decide.drift import rules_digest

    return rules_digest(env)
