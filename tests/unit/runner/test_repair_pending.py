"""A state file is mended by verdicts: what was decided is imported or cleared, and not a byte more is changed."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runner.states import SECRET, operation, resource, state, urn
from tradai_runner.repair.answer import Absent, Present
from tradai_runner.repair.pending import Pending, Verdict, mend, pending_of, resources_of
from tradai_runner.state.checkpoint import SECRET as MASK
from tradai_runner.state.checkpoint import Interrupted, parse_checkpoint

QUEUE, ROLE = "aws:sqs/queue:Queue", "aws:iam/role:Role"

_names = st.sampled_from(["a", "b", "c", "d"])
_types = st.sampled_from([QUEUE, ROLE])
_flags = st.sampled_from([{}, {"delete": True}, {"pendingReplacement": True}, {"protect": True}])
_resources = st.lists(
    st.builds(lambda t, n, f: resource(t, n, id=f"{n}-id", outputs={"arn": n}, **f), _types, _names, _flags),
    max_size=5,
    unique_by=lambda one: (one["urn"], one.get("delete", False)),
)
_operations = st.lists(
    st.builds(operation, st.sampled_from(["creating", "updating", "deleting", "reading", "importing"]), _types, _names),
    max_size=5,
)
_verdicts = st.dictionaries(
    st.builds(urn, _types, _names),
    st.sampled_from([Absent("nothing is there"), Present("new-id", {"arn": "new-arn"})]),
)


def unordered(entries: list[dict[str, Any]]) -> list[str]:
    return sorted(map(repr, entries))


@given(_resources, _operations, _verdicts)
def test_whatever_a_state_holds_only_what_was_decided_on_changes(
    resources: list[dict[str, Any]], operations: list[dict[str, Any]], verdicts: dict[str, Verdict]
) -> None:
    before = state(resources, operations)
    kept = deepcopy(before)
    after = mend(before, verdicts)
    assert before == kept
    decided = {each["resource"]["urn"] for each in operations if each["type"] == "creating"} & set(verdicts)
    imported = {each for each in decided if isinstance(verdicts[each], Present)}
    rest = [each for each in operations if each["type"] != "creating" or each["resource"]["urn"] not in decided]
    assert after["checkpoint"]["latest"]["pending_operations"] == rest
    untouched = [each for each in resources if each["urn"] not in imported]
    assert unordered([each for each in resources_of(after) if each["urn"] not in imported]) == unordered(untouched)
    for each in imported:
        live = [one for one in resources_of(after) if one["urn"] == each and not one.get("delete")]
        assert [one["id"] for one in live] == ["new-id"]
    after["checkpoint"]["latest"] |= {"resources": [], "pending_operations": []}
    kept["checkpoint"]["latest"] |= {"resources": [], "pending_operations": []}
    assert after == kept


@given(_resources, _operations, _verdicts)
def test_mending_twice_is_mending_once(
    resources: list[dict[str, Any]], operations: list[dict[str, Any]], verdicts: dict[str, Verdict]
) -> None:
    once = mend(state(resources, operations), verdicts)
    assert mend(once, verdicts) == once


def test_an_imported_resource_is_as_the_engine_has_it_after_a_create() -> None:
    made = operation("creating", QUEUE, "jobs", parent=urn("pulumi:pulumi:Stack", "x"), provider="p::id")
    made["resource"]["inputs"]["password"] = SECRET
    after = mend(state([resource(ROLE, "r", id="r")], [made]), {urn(QUEUE, "jobs"): Present("http://q", {"arn": "a"})})
    first, new = resources_of(after)
    assert first["type"] == ROLE
    assert (new["id"], new["parent"], new["provider"]) == ("http://q", urn("pulumi:pulumi:Stack", "x"), "p::id")
    assert new["outputs"] == {"name": "jobs", "password": SECRET, "arn": "a"}


def test_a_half_made_replacement_stands_before_the_old_one_which_waits_for_its_deletion() -> None:
    old, reader = resource(QUEUE, "jobs", id="old"), resource(ROLE, "r", id="r", dependencies=[urn(QUEUE, "jobs")])
    made = operation("creating", QUEUE, "jobs")
    after = mend(state([old, reader], [made]), {urn(QUEUE, "jobs"): Present("new")})
    found = [(each["id"], each.get("delete", False)) for each in resources_of(after)]
    assert found == [("new", False), ("old", True), ("r", False)]


def test_one_that_was_deleted_to_make_room_is_gone_with_the_import() -> None:
    old = resource(QUEUE, "jobs", id="jobs", pendingReplacement=True)
    after = mend(state([old], [operation("creating", QUEUE, "jobs")]), {urn(QUEUE, "jobs"): Present("jobs")})
    (only,) = resources_of(after)
    assert "pendingReplacement" not in only


def test_one_whose_deletion_was_interrupted_counts_as_standing_until_it_is_read_anew() -> None:
    old = resource(QUEUE, "jobs", id="jobs", pendingReplacement=True)
    other = resource(ROLE, "r", id="r", pendingReplacement=True)
    before = state([old, other], [operation("deleting", QUEUE, "jobs")])
    first, second = resources_of(mend(before, {}, {urn(QUEUE, "jobs")}))
    assert first == resource(QUEUE, "jobs", id="jobs")
    assert second == other


def test_what_waits_for_its_deletion_under_the_id_of_the_new_one_goes_with_the_import() -> None:
    old = resource(QUEUE, "jobs", id="jobs", outputs={}, delete=True)
    live = resource(QUEUE, "jobs", id="other", outputs={})
    made = operation("creating", QUEUE, "jobs")
    after = mend(state([live, old], [made]), {urn(QUEUE, "jobs"): Present("jobs")})
    assert [(each["id"], each.get("delete", False)) for each in resources_of(after)] == [
        ("jobs", False),
        ("other", True),
    ]


def test_an_older_revision_of_the_same_id_still_waits_for_its_deletion() -> None:
    old = resource(QUEUE, "jobs", id="f", outputs={"arn": "f:1"}, delete=True)
    after = mend(
        state([old], [operation("creating", QUEUE, "jobs")]), {urn(QUEUE, "jobs"): Present("f", {"arn": "f:2"})}
    )
    assert [each["outputs"]["arn"] for each in resources_of(after)] == ["f:1", "f:2"]


def test_what_is_read_of_an_entry_has_no_secret() -> None:
    made = operation("creating", QUEUE, "jobs")
    made["resource"]["inputs"]["password"] = SECRET
    assert pending_of(state([], [made])) == (
        Pending("creating", urn(QUEUE, "jobs"), QUEUE, {"name": "jobs", "password": MASK}),
    )
    assert parse_checkpoint(state([], [made])).interrupted == (Interrupted("creating", urn(QUEUE, "jobs")),)


def test_a_state_without_operations_has_none() -> None:
    assert pending_of({}) == pending_of({"checkpoint": {"latest": None}}) == ()
