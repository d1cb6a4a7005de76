"""Plans: what of the engine's events counts, what is lost, what a person reads, and what an approval binds to."""

from types import SimpleNamespace
from typing import Any

import pytest

from tradai_blueprints.tradai.declaration import TRADAI
from tradai_runner.contract import DESTRUCTIVE_SHOWN
from tradai_runner.journal.mask import MASKED, Mask, mask_of
from tradai_runner.plan.changes import Plan, Planner, ResourceChange, sentence

TABLE = "aws:dynamodb/table:Table"
ROLE = "aws:iam/role:Role"
TASK = "aws:ecs/taskDefinition:TaskDefinition"


PROVIDER = "pulumi:providers:aws"
DEFAULT = f"urn:pulumi:dev::p::{PROVIDER}::default_7_51_1"


def side(inputs: dict[str, Any], provider: str | None, retained: bool | None = None) -> Any:
    return SimpleNamespace(inputs=inputs, retain_on_delete=retained, provider=f"{provider or DEFAULT}::an-id")


def step(op: str, type_: str = TABLE, name: str = "deployments", **more: Any) -> Any:
    """One engine event: `old` and `new` are inputs, `keys` force a replacement, `diffs` are what the provider names."""
    old, new = more.get("old"), more.get("new")
    metadata = SimpleNamespace(
        op=SimpleNamespace(value=op),
        urn=f"urn:pulumi:dev::p::{type_}::{name}",
        type=type_,
        old=None if old is None else side(old, more.get("was_by"), more.get("retained")),
        new=None if new is None else side(new, more.get("by")),
        keys=more.get("keys"),
        diffs=more.get("diffs"),
        detailed_diff=None,
    )
    return SimpleNamespace(resource_pre_event=SimpleNamespace(metadata=metadata))


def planned(*events: Any, version: str = "v1", run: str = "r1", mask: Mask = str) -> Plan:
    planner = Planner(TRADAI, mask)
    for event in (*events, SimpleNamespace(resource_pre_event=None)):
        planner.observe(event)
    return Plan(run_id=run, layer="x", environment="dev", state_version=version, changes=planner.changes())


@pytest.mark.parametrize(
    ("event", "destroys", "bears_data"),
    [
        (step("create", new={"name": "a"}), False, True),
        (step("update", old={"a": 1}, new={"a": 2}), False, True),
        (step("replace", old={"a": 1}, new={"a": 2}), True, True),
        (step("delete", old={"a": 1}), True, True),
        (step("delete", ROLE, old={"a": 1}), True, False),
        (step("delete", old={"a": 1}, retained=True), False, True),
        (step("replace", TASK, old={"a": 1}, new={"a": 2}), False, False),
        (step("delete", TASK, old={"a": 1}), True, False),
    ],
    ids=[
        "creating", "updating", "replacing", "deleting", "deleting what bears no data", "letting go of what stays",
        "publishing the next revision", "deleting what has revisions",
    ],
)  # fmt: skip
def test_what_is_lost(event: Any, destroys: bool, bears_data: bool) -> None:
    (change,) = planned(event).changes
    assert (change.destroys, change.bears_data) == (destroys, bears_data)


@pytest.mark.parametrize(
    "event",
    [
        step("same"),
        step("read"),
        step("create-replacement", new={}),
        step("delete-replaced", old={}),
        step("create", "pulumi:providers:aws"),
        step("delete", "tradai:persistent:Tables"),
    ],
    ids=["unchanged", "read", "half a replacement", "the other half", "a provider", "a component"],
)
def test_what_is_no_change(event: Any) -> None:
    assert planned(event).changes == ()


def test_counts_and_sentences_have_data_first_and_say_what_forces_a_replacement() -> None:
    summary = planned(
        step("delete", ROLE, "a", old={}),
        step("replace", old={"hashKey": "a"}, new={"hashKey": "b"}, keys=["hashKey"]),
        step("create", ROLE, "b", new={}),
        step("update", ROLE, "c", old={"a": 1}, new={"a": 2}),
    ).summary()
    assert (summary.create, summary.update, summary.replace, summary.delete) == (1, 1, 1, 1)
    assert summary.destructive == (
        "replaces aws:dynamodb/table:Table deployments with its data, since hashKey changes",
        "deletes aws:iam/role:Role a",
    )


def test_a_long_list_is_cut_and_counted() -> None:
    summary = planned(*(step("delete", ROLE, f"r{number}", old={}) for number in range(50))).summary()
    assert (len(summary.destructive), summary.destructive_total) == (DESTRUCTIVE_SHOWN, 50)


@pytest.mark.parametrize(
    ("old", "new", "diffs", "paths"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, None, [("b", "2", "3")]),
        ({"tags": {"x": "1"}}, {"tags": {"x": "1", "y": "2"}}, ["tags"], [("tags.y", None, '"2"')]),
        ({"l": [1, 2]}, {"l": [1]}, None, [("l[1]", "2", None)]),
        ({"p": '{"a": [1]}'}, {"p": '{"a": [2]}'}, None, [("p.a[0]", "1", "2")]),
        ({"p": "{no json"}, {"p": "{none either"}, None, [("p", '"{no json"', '"{none either"')]),
        ({"s": "[secret]"}, {"s": "[secret]"}, ["s"], [("s", '"[secret]"', '"[secret]"')]),
        (
            {"arn": "a"},
            {"arn": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
            None,
            [("arn", '"a"', '"[unknown]"')],
        ),
        ({"a": 1}, {"a": 1}, ["computed"], [("computed", None, None)]),
    ],
    ids=[
        "a value", "a key inside", "an item less", "a document inside a text", "a text that only looks like one",
        "a secret that changed", "what only the update will know", "what the provider alone knows",
    ],
)  # fmt: skip
def test_what_changes_in_a_resource(
    old: dict[str, Any], new: dict[str, Any], diffs: list[str] | None, paths: list[tuple[str, Any, Any]]
) -> None:
    (change,) = planned(step("update", old=old, new=new, diffs=diffs)).changes
    assert [(found.path, found.old, found.new) for found in change.properties] == paths


def moved(op: str = "replace", name: str = "default_7_51_1", **more: Any) -> Any:
    """The provider's own event: its region becomes another."""
    old, new = ({"region": region, "version": "7.51.1"} for region in ("eu-central-1", "us-east-1"))
    return step(op, PROVIDER, name, old=old, new=new, **more)


@pytest.mark.parametrize("first", [True, False], ids=["after its provider", "before its provider"])
def test_another_region_is_told_as_one_and_not_as_another_provider(first: bool) -> None:
    table = step("replace", old={"a": 1}, new={"a": 1}, keys=["provider"], diffs=["provider"])
    (change,) = planned(*((moved(), table) if first else (table, moved()))).changes
    (found,) = change.properties
    assert (found.path, found.old, found.new, found.replaces) == ("region", '"eu-central-1"', '"us-east-1"', True)
    assert sentence(change) == (
        "replaces aws:dynamodb/table:Table deployments with its data, "
        "since region changes from eu-central-1 to us-east-1"
    )


def test_a_newer_provider_is_told_by_its_version() -> None:
    before = DEFAULT.replace("7_51_1", "7_50_0")
    (change,) = planned(step("update", old={}, new={}, diffs=["provider"], was_by=before)).changes
    assert [(found.path, found.old, found.new) for found in change.properties] == [
        ("provider", '"default_7_50_0"', '"default_7_51_1"')
    ]


def test_what_else_changes_of_a_provider_is_told_by_name() -> None:
    other = step("update", PROVIDER, "default_7_51_1", old={"region": "a", "x": 1}, new={"region": "a", "x": 2})
    (change,) = planned(other, step("update", old={}, new={}, diffs=["provider"])).changes
    assert [(found.path, found.old, found.new) for found in change.properties] == [("provider.x", "1", "2")]


def test_a_provider_of_which_nothing_is_known_stays_named() -> None:
    (change,) = planned(step("update", old={}, new={}, diffs=["provider"])).changes
    assert [(found.path, found.old, found.new) for found in change.properties] == [("provider", None, None)]


def test_equal_content_has_an_equal_digest_whatever_the_order_and_the_run() -> None:
    one, two = step("create", ROLE, "a", new={"x": 1}), step("delete", old={"y": 1})
    assert planned(one, two).digest == planned(two, one, run="r2").digest


@pytest.mark.parametrize(
    "other",
    [
        planned(step("update", ROLE, old={"a": 1}, new={"a": 3})),
        planned(step("update", ROLE, "other", old={"a": 1}, new={"a": 2})),
        planned(step("replace", ROLE, old={"a": 1}, new={"a": 2})),
        planned(step("update", ROLE, old={"a": 1}, new={"a": 2}), version="v2"),
        planned(),
    ],
    ids=["another value", "another resource", "another operation", "another state", "nothing"],
)
def test_other_content_has_another_digest(other: Plan) -> None:
    assert planned(step("update", ROLE, old={"a": 1}, new={"a": 2})).digest != other.digest


def test_a_plan_survives_its_file() -> None:
    plan = planned(step("replace", old={"a": 1}, new={"a": 2}, keys=["a"]))
    assert Plan.model_validate_json(plan.model_dump_json()).digest == plan.digest


def test_a_sentence_about_a_deletion_names_type_and_name() -> None:
    change = ResourceChange(urn="urn:x::momentum", type="aws:ecr/repository:Repository", operation="delete")
    assert sentence(change) == "deletes aws:ecr/repository:Repository momentum"


def test_what_nobody_has_marked_as_secret_is_in_no_plan() -> None:
    old, new = {"url": "postgres://u:hunter2hunter2@db", "pin": "4711"}, {"url": "postgres://db", "pin": "4712"}
    plan = planned(step("update", old=old, new=new), mask=mask_of(["hunter2hunter2", "4711"]))
    values = {item.path: (item.old, item.new) for item in plan.changes[0].properties}
    assert values == {
        "url": (f'"postgres://u:{MASKED}@db"', '"postgres://db"'),
        "pin": (f'"{MASKED}"', '"4712"'),
    }
