"""The report of a look for drift: what of the engine's events is drift, what rules ignore, what a person reads."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.runner.test_plan import ROLE, TABLE, step
from tests.unit.runner.test_runner_rooms import request
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_runner.contract.drift import DRIFT_SHOWN, DriftLook, IgnoreRule
from tradai_runner.drift.look import Looking
from tradai_runner.drift.report import DriftReport, Looker, ResourceDrift, covers, sentence
from tradai_runner.drift.row import row_of
from tradai_runner.journal.mask import MASKED, mask_of

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def reading(type_: str = TABLE, name: str = "deployments") -> Any:
    """The engine reads a resource that the state has; ahead of all else."""
    event = step("refresh", type_, name, old={}, new={})
    event.res_outputs_event = None
    return event


def report(*events: Any, rules: tuple[IgnoreRule, ...] = ()) -> DriftReport:
    looker = Looker(TRADAI, rules)
    for event in events:
        event.res_outputs_event = None
        looker.observe(event)
    return DriftReport(
        run_id="r1", layer="x", environment="dev", stack="tradai-x-dev", checked_at=0.0, resources=looker.resources()
    )


def changed(path: str = "a", **more: Any) -> Any:
    return step("update", old={path: 2}, new={path: 1}, **more)


def test_what_nobody_has_marked_as_secret_is_in_no_report_and_no_sentence() -> None:
    looker = Looker(TRADAI, (), mask_of(["hunter2hunter2"]))
    event = changed()
    event.resource_pre_event.metadata.old.inputs = {"environment": {"DB": "postgres://u:hunter2hunter2@db"}, "a": 2}
    event.res_outputs_event = None
    looker.observe(event)
    plain = {"run_id": "r1", "layer": "x", "environment": "dev", "stack": "s", "checked_at": 0.0}
    found = DriftReport.model_validate({**plain, "resources": looker.resources()})
    for said in (found.model_dump_json(), found.summary().model_dump_json(), str(row_of(found, "key"))):
        assert "hunter2" not in said
        assert MASKED in said


def test_an_update_read_backwards_is_what_was_expected_and_what_was_found() -> None:
    (found,) = report(reading(), changed()).resources
    (item,) = found.properties
    assert (found.kind, item.path, item.expected, item.found) == ("changed", "a", "1", "2")


@pytest.mark.parametrize(
    ("events", "kind", "says"),
    [
        ([reading(), step("create", new={})], "missing", f"{TABLE} deployments is gone from AWS"),
        ([step("create", new={})], "missing", f"{TABLE} deployments is not in the state"),
        ([reading(), step("delete", old={})], "unexpected", f"{TABLE} deployments exists, though nothing declares it"),
        ([changed()], "changed", f"{TABLE} deployments: a is 2, not 1"),
        ([step("update", old={}, new={"a": 1})], "changed", f"{TABLE} deployments: a is absent, not 1"),
        ([step("update", old={"a": 1}, new={})], "changed", f"{TABLE} deployments: a is 1, not absent"),
        ([step("update", old={}, new={}, diffs=["arn"])], "changed", f"{TABLE} deployments: arn differs"),
    ],
    ids=["deleted by hand", "taken out of the state", "added by hand", "changed", "taken away", "added", "told by AWS"],
)  # fmt: skip
def test_kinds_of_drift_and_their_sentences(events: list[Any], kind: str, says: str) -> None:
    (found,) = report(*events).resources
    assert (found.kind, sentence(found)) == (kind, says)


@pytest.mark.parametrize(
    "events",
    [
        [reading()],
        [reading(), step("same")],
        [step("update", "tradai:persistent:Tables", old={"a": 1}, new={"a": 2})],
        [step("update", old={"arn": "a"}, new={"arn": UNKNOWN})],
    ],
    ids=["reading alone", "unchanged", "a component", "what follows from something missing"],
)
def test_what_is_no_drift(events: list[Any]) -> None:
    found = report(*events)
    assert (found.resources, found.summary().drifted) == ((), False)


@pytest.mark.parametrize(("old", "new"), [("[secret]", "x"), ("x", "[secret]"), ({"k": "[secret]"}, "x")])
def test_where_one_side_is_secret_neither_is_shown(old: Any, new: Any) -> None:
    (found,) = report(step("update", old={"p": old}, new={"p": new})).resources
    assert '"x"' not in found.model_dump_json().replace("\\", "")
    assert found.properties[0].found == '"[secret]"'


@pytest.mark.parametrize(
    ("rule", "path", "covered"),
    [
        ({"type": "aws:dynamodb/*"}, None, True),
        ({"type": "aws:s3/*"}, None, False),
        ({"urn": "*::deployments"}, None, True),
        ({"urn": "deployments"}, None, False),
        ({"urn": "*::deployments", "type": "aws:s3/*"}, None, False),
        ({"path": "tags"}, "tags.Owner", True),
        ({"path": "tags"}, "tags", True),
        ({"path": "tags"}, "tagsAll", False),
        ({"path": "tags.O*"}, "tags.Owner", True),
        ({"path": "rules[0]"}, "rules[0].port", True),
        ({"path": "rules[*].port"}, "rules[3].port", True),
        ({"path": "tags"}, None, False),
        ({"type": "aws:dynamodb/*"}, "tags.Owner", False),
    ],
)
def test_which_rule_covers_what(rule: dict[str, str], path: str | None, covered: bool) -> None:
    urn = f"urn:pulumi:dev::p::{TABLE}::deployments"
    assert covers(IgnoreRule(reason="r", **rule), urn, TABLE, path) is covered


def test_what_rules_cover_is_reported_with_the_reason_and_does_not_count() -> None:
    rules = (
        IgnoreRule(path="tags", reason="the scanner tags"),
        IgnoreRule(type="aws:iam/*", reason="another team's"),
    )
    found = report(
        changed("tags"), step("update", ROLE, "a", old={"a": 1}, new={"a": 2}), changed("b", name="other"), rules=rules
    )
    summary = found.summary()
    assert (summary.changed, summary.ignored, summary.drifted) == (1, 2, True)
    assert {item.ignored for found in found.resources for item in found.properties} == {"the scanner tags", None}


def test_a_property_that_is_ignored_does_not_hide_another_one() -> None:
    both = step("update", old={"tags": 1, "b": 1}, new={"tags": 2, "b": 2})
    summary = report(both, rules=(IgnoreRule(path="tags", reason="r"),)).summary()
    assert (summary.changed, summary.first) == (1, (f"{TABLE} deployments: b is 1, not 2",))


def test_the_first_few_are_told_and_what_is_missing_comes_first() -> None:
    many = [step("update", ROLE, f"r{number}", old={"a": 1}, new={"a": 2}) for number in range(9)]
    summary = report(*many, step("create", new={})).summary()
    assert (summary.changed, summary.missing, len(summary.first)) == (9, 1, DRIFT_SHOWN)
    assert summary.first[0].endswith("is not in the state")


def test_the_digest_names_what_drifted_and_not_to_which_value() -> None:
    one, other = (report(step("update", old={"a": value}, new={"a": 1})).summary().digest for value in (2, 3))
    assert one == other
    assert one != report(step("update", old={"b": 2}, new={"b": 1})).summary().digest


def test_a_long_list_of_properties_is_cut_and_counted() -> None:
    (found,) = report(step("update", old=dict.fromkeys("abcd", 1), new=dict.fromkeys("abcd", 2))).resources
    assert sentence(found).endswith("a is 1, not 2; b is 1, not 2 and 2 more")


def test_the_row_has_the_keys_of_the_table_and_of_its_index() -> None:
    row = row_of(report(changed()), "key")
    assert row["stack_name"] == {"S": "tradai-x-dev"}
    assert row["has_drift"] == {"S": "true"}
    assert row["last_check"] == {"S": "1970-01-01T00:00:00+00:00"}
    assert row["changed"] == {"N": "1"}


def test_a_report_survives_its_file() -> None:
    found = report(changed(), step("create", ROLE, new={}))
    assert DriftReport.model_validate_json(found.model_dump_json()) == found


def test_reading_anew_is_no_work_of_a_run_that_puts_things_back() -> None:
    journal: Any = SimpleNamespace()
    looking = Looking(request(operation="up", refresh=True), journal)
    looking.begin_anew()
    assert looking.options == {"refresh": True}
    assert not looking.observe(reading())
    event = changed()
    event.res_outputs_event = None
    assert looking.observe(event)
    plain = Looking(request(operation="refresh"), journal)
    assert plain.options == {}
    assert plain.observe(reading()), "a refresh does nothing but reading"
    check = Looking(request(operation="preview", drift=DriftLook()), journal)
    assert check.options == {"refresh": True}


def test_a_missing_resource_counts_whole() -> None:
    found = ResourceDrift(urn="urn:x::a", type=TABLE, kind="missing", ignored="r")
    assert not found.counts
