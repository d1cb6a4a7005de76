"""A plan as people read it: signs, colours, old and new, what is lost first."""

import pytest

from tradai_cli.plan_text import lines
from tradai_runner.plan.changes import Plan, PropertyChange, ResourceChange
from tradai_runner.plan.safeguards import Lowered

LONG = '"' + "x" * 500 + '"'
PLAN = Plan(
    run_id="r1",
    layer="persistent",
    environment="prod",
    state_version="v1",
    changes=(
        ResourceChange(
            urn="urn:x::new", type="aws:iam/role:Role", operation="create",
            properties=(PropertyChange(path="name", new='"new"'),),
        ),
        ResourceChange(
            urn="urn:x::pool", type="aws:cognito/userPool:UserPool", operation="update",
            properties=(
                PropertyChange(path="tags.Owner", old='"a"', new='"b"'),
                PropertyChange(path="policy", old=LONG, new=None),
            ),
        ),
        ResourceChange(
            urn="urn:x::runs", type="aws:dynamodb/table:Table", operation="replace", bears_data=True, destroys=True,
            properties=(PropertyChange(path="hashKey", old='"a"', new='"b"', replaces=True),),
        ),
        ResourceChange(urn="urn:x::kept", type="aws:s3/bucket:Bucket", operation="delete", bears_data=True),
    ),
)  # fmt: skip


def test_what_is_lost_comes_first_and_every_change_has_its_sign() -> None:
    told = [line.text for line in lines(PLAN, full=False)]
    assert told == [
        "persistent of prod: 1 to create, 1 to update, 1 to replace, 1 to delete",
        "  +- aws:dynamodb/table:Table runs (its data is lost)",
        '       ~ hashKey: "a" → "b"   # forces replacement',
        "  -  aws:s3/bucket:Bucket kept (it stays in AWS)",
        "  ~  aws:cognito/userPool:UserPool pool",
        '       ~ tags.Owner: "a" → "b"',
        f"       - policy: {LONG[:120]}…",
        "  +  aws:iam/role:Role new",
    ]


def test_the_full_text_cuts_nothing_and_has_what_is_created() -> None:
    told = [line.text for line in lines(PLAN, full=True)]
    assert f"       - policy: {LONG}" in told
    assert '       + name: "new"' in told


def test_colours_tell_what_comes_from_what_goes() -> None:
    colours = {line.text.split()[0]: line.colour for line in lines(PLAN, full=False) if line.text.startswith("  ")}
    assert (colours["+"], colours["+-"], colours["-"], colours["~"]) == ("green", "magenta", "red", "yellow")


def test_what_keeps_less_comes_before_what_loses_nothing_and_says_how() -> None:
    shorter = Lowered(how="lowers", path="retentionInDays", values="90 → 7")
    unguarded = Lowered(how="switches off", path="deletionProtection")
    changes = tuple(
        ResourceChange(urn=f"urn:x::{name}", type=f"aws:x/{name}:X", operation="update", destroys=True, lowers=(found,),
                       bears_data=True)
        for name, found in (("log", shorter), ("pool", unguarded))
    )  # fmt: skip
    told = list(lines(PLAN.model_copy(update={"changes": (*PLAN.changes[:1], *changes)}), full=False))
    assert [line.text for line in told][1:3] == [
        "  ~  aws:x/log:X log (keeps less: retentionInDays 90 → 7)",
        "  ~  aws:x/pool:X pool (switches off deletionProtection)",
    ]
    assert told[1].bold


def test_a_plan_without_changes_says_so() -> None:
    empty = PLAN.model_copy(update={"changes": ()})
    assert [line.text for line in lines(empty, full=False)] == ["persistent of prod: nothing changes in AWS"]


def test_a_deletion_that_takes_nothing_says_why() -> None:
    empty = PLAN.model_copy(update={"changes": ()})
    assert [line.text for line in lines(empty, full=False, deletes=True)] == [
        "persistent of prod: nothing is taken, because its state is missing or empty"
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (None, None, "~ x: changes"),
        ('"[secret]"', '"[secret]"', "~ x: changes, and is secret"),
        ('"a"', '"[unknown]"', '~ x: "a" → known only afterwards'),
        (None, '"[unknown]"', "+ x: known only afterwards"),
        ('"eu-central-1"', '"us-east-1"', '~ x: "eu-central-1" → "us-east-1"'),
    ],
    ids=["what only the provider knows", "a secret", "what only the update will know", "the same, new", "plain values"],
)
def test_a_property_never_reads_as_a_riddle(old: str | None, new: str | None, told: str) -> None:
    change = ResourceChange(
        urn="urn:x::a", type="aws:x/a:A", operation="update", properties=(PropertyChange(path="x", old=old, new=new),)
    )
    shown = [line.text.strip() for line in lines(PLAN.model_copy(update={"changes": (change,)}), full=False)]
    assert shown[-1] == told
