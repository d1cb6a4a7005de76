"""Which guards hold over stacks that stand already: pure rules, for every row of the table and for any values."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.drive import SETTINGS
from tests.integration.guard_table import IN_FORCE, TABLE, Row
from tests.unit.operator.guarded import BEFORE, NOW, environment, guards
from tradai_operator.decide.adoption import adopted, held, lifted
from tradai_operator.decide.facts import StackSeen
from tradai_operator.model import Environment, EnvironmentStatus, keys
from tradai_operator.model.durations import UNITS
from tradai_operator.model.in_force import DEFAULTS, completed, guards_of, held_to, lowered, strictest, word


def come_to(env: Environment, known: dict[str, str] | None) -> tuple[Environment, EnvironmentStatus]:
    """The environment once it has seen that its stacks stand, under guards that a marker knows or does not."""
    found = {"persistent": StackSeen(BEFORE.model_copy(update={"guards": known}), stands=True)}
    status = lifted(env, adopted(env, EnvironmentStatus(), found, NOW, "s3://b AWS"))
    return held(env, status), status


@pytest.mark.parametrize("row", IN_FORCE, ids=lambda row: row.word)
@pytest.mark.parametrize("situation", ["adopt", "recreate"])
@pytest.mark.parametrize("approver", [False, True], ids=["editor", "approver"])
def test_what_was_in_force_stays_in_force_until_an_approver_names_the_weaker(
    row: Row, situation: str, approver: bool
) -> None:
    if (verdict := row.verdict(situation, approver=approver)) == "no":
        return  # the API server's part
    words = ",".join(dict.fromkeys((row.word, "deletionPolicy=Everything" if "ttl" in row.weak else row.word)))
    weak = environment(row.weak, **({"lower_guards": words} if approver else {}))
    known = guards_of(environment(row.strong).spec) if situation == "recreate" else None
    now, status = come_to(weak, known)
    if verdict == "yes":
        assert guards_of(now.spec) == guards_of(weak.spec)
        return
    assert lowered(guards_of(now.spec), completed(known, guards_of(weak.spec))) == {}
    assert status.guards is not None
    named = status.guards.message.partition(f"{keys.LOWER_GUARDS}=")[2].partition(" or you can")[0]
    assert row.word in named.strip(", ").split(",")
    assert "tradai/dev (uid uid-0)" in status.guards.message


@pytest.mark.parametrize("row", IN_FORCE, ids=lambda row: row.word)
def test_naming_another_value_lowers_nothing(row: Row) -> None:
    weak = environment(row.weak, lower_guards=f"{row.word.partition('=')[0]}=another,suspend=true")
    now, _ = come_to(weak, guards_of(environment(row.strong).spec))
    assert lowered(guards_of(now.spec), guards_of(environment(row.strong).spec)) == {}


def test_the_table_has_every_guard_of_the_spec() -> None:
    assert {row.word.partition("=")[0] for row in IN_FORCE} == set(DEFAULTS)
    assert {row.guard for row in TABLE} >= {keys.LOWER_GUARDS, keys.HANDOVER, "ownerReferences", "region", "account"}


RULES = [{"path": "tags", "reason": "r"}, {"urn": "*::a", "reason": "r"}, {"type": "t", "path": "p", "reason": "r"}]
IGNORED = guards(drift={"ignore": RULES})["drift.ignore"].split()
IDLE = ("compute", "edge", "foundation")
TOLD = [guards(notify={"topicArn": f"arn:aws:sns:eu-central-1:123456789012:{name}"})["notify"] for name in "ab"]
WATCHED = {"drift": {"ignore": RULES}, "layers": {name: {"enabled": False} for name in IDLE}}


def some_of(words: Iterable[str]) -> st.SearchStrategy[str]:
    return st.sets(st.sampled_from(sorted(words))).map(lambda found: " ".join(sorted(found)))


SOME = st.fixed_dictionaries(
    {
        "drift.enabled": st.sampled_from(("true", "false")),
        "drift.schedule": st.sampled_from(("0 */6 * * *", "0 3 * * *")),
        "drift.ignore": some_of(IGNORED),
        "notify": st.sampled_from(("", *TOLD)),
        "layers.disabled": some_of(IDLE),
        "deletionPolicy": st.sampled_from(("Retain", "Soft", "All", "Everything")),
        "approval": st.sampled_from(("Always", "OnDestructive", "Never")),
        "program.update": st.sampled_from(("Manual", "Auto")),
        "drift.policy": st.sampled_from(("Report", "Correct")),
        "state.durability": st.sampled_from(("Sync", "Group")),
        "maintenance": st.sampled_from(("", "0 22 * * SAT 4h UTC", "0 22 * * SAT 4h UTC; 0 1 * * SUN 1h UTC")),
        "ttl": st.builds("{}{}".format, st.integers(1, 999), st.sampled_from(sorted(UNITS))) | st.just(""),
    }
)


@given(SOME, SOME)
def test_what_is_held_lowers_nothing_of_either_side(now: dict[str, str], was: dict[str, str]) -> None:
    spec = held_to(environment(WATCHED).spec, now)
    assert guards_of(spec) == now
    spec = held_to(spec, lowered(guards_of(spec), was))
    assert lowered(guards_of(spec), was) == {}
    assert held_to(spec, lowered(guards_of(spec), was)) == spec


#: Of two values of these neither is stricter.
TEXTS = ("maintenance", "drift.schedule", "notify")


@given(st.lists(SOME, min_size=1, max_size=3))
def test_the_strictest_of_several_markers_lowers_none_of_them(markers: list[dict[str, str]]) -> None:
    found = strictest(markers)
    apart = {name for name in TEXTS if len({marker[name] for marker in markers} - {""}) > 1}
    for marker in markers:
        assert set(lowered(found, marker)) <= apart


@pytest.mark.parametrize("known", [None, {}, {"approval": "Paranoid", "deletionPolicy": "", "ttl": "soon", "new": "x"}])
def test_what_a_marker_does_not_say_is_the_default_and_what_nobody_understands_the_strictest(known: Any) -> None:
    found = completed(known)
    assert set(DEFAULTS) <= set(found)
    assert lowered(found, DEFAULTS) == {}
    assert (found["approval"] == "Always") is bool(known)


def test_the_request_of_a_run_carries_the_guards_in_force_and_the_place() -> None:
    env, status = come_to(environment({"approval": "Never"}), guards(approval="Always"))
    assert status.guards is not None
    from tradai_operator.decide.requests import owner_of

    mine = owner_of(env, replace(SETTINGS))
    assert (mine.region, mine.account, mine.blueprint) == ("eu-central-1", "123456789012", "tradai")
    assert mine.guards is not None
    assert mine.guards["approval"] == "Always"


def test_words_name_windows_by_a_fingerprint() -> None:
    assert word("maintenance", "") == "maintenance=none"
    assert "," not in word("maintenance", "0,30 1 * * * 1h UTC")


@pytest.mark.parametrize("known", [{"drift.schedule": "now and then"}, {"notify": "me"}, {"notify": '{"slack": "x"}'}])
def test_somebody_to_tell_or_a_schedule_that_nobody_understands_is_no_marker(known: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        completed(known)
