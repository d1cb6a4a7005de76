"""What becomes of one interrupted creation: found, gone, unfinished, or not to be told."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.runner.states import resource, urn
from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.runner.repair.find import Find, Found
from tradai_iac.runner.repair.lookup import UndecidedError, decide
from tradai_iac.runner.repair.pending import Clear, Import, Pending

QUEUE, RULE, BUCKET = "aws:sqs/queue:Queue", "aws:apigatewayv2/route:Route", "aws:s3/bucket:Bucket"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
TAG = {type_: urn_tag_of(urn(type_, "it")) for type_ in (QUEUE, BUCKET, TASK)}


class Answers:
    """AWS as a list of what it has."""

    def __init__(self, *found: Found) -> None:
        self.found = list(found)
        self.asked: list[str] = []

    def ask(self, row: Find, inputs: Mapping[str, Any], tag: str) -> list[Found]:
        self.asked.append(tag)
        return self.found


def there(id_: str, mark: str | None, *, arn: str | None = None, ready: bool = True) -> Found:
    return Found(id_, arn, ready, mark)


def verdict(type_: str, *found: Found, resources: tuple[dict[str, Any], ...] = ()) -> Any:
    return decide(Pending("creating", urn(type_, "it"), type_), resources, Answers(*found), ())


@pytest.mark.parametrize(
    ("type_", "found", "expected"),
    [
        pytest.param(QUEUE, [there("q", TAG[QUEUE])], Import("q"), id="ours by its tag"),
        pytest.param(QUEUE, [there("q", "another")], None, id="another's"),
        pytest.param(QUEUE, [], None, id="nothing there"),
        pytest.param(RULE, [there("r", None)], Import("r"), id="a type without tags, by its parent and key"),
        pytest.param(BUCKET, [there("b", "")], Import("b"), id="tags come later than the bucket"),
        pytest.param(BUCKET, [there("b", "another")], None, id="another's bucket"),
        pytest.param(TASK, [there("f", TAG[TASK], arn="f:2")], Import("f", {"arn": "f:2"}), id="with its ARN"),
    ],
)
def test_what_is_there_is_imported_and_what_is_not_is_cleared(
    type_: str, found: list[Found], expected: Import | None
) -> None:
    seen = verdict(type_, *found)
    assert seen == expected if expected else isinstance(seen, Clear)


def test_what_the_state_has_already_is_not_what_was_being_made() -> None:
    known = resource(QUEUE, "it", id="q", outputs={})
    assert isinstance(verdict(QUEUE, there("q", TAG[QUEUE]), resources=(known,)), Clear)
    assert verdict(QUEUE, there("q", TAG[QUEUE]), there("r", TAG[QUEUE]), resources=(known,)) == Import("r")


def test_revisions_of_one_family_are_told_apart_by_their_arns() -> None:
    known = resource(TASK, "it", id="f", outputs={"arn": "f:1"})
    found = (there("f", TAG[TASK], arn="f:1"), there("f", TAG[TASK], arn="f:2"))
    assert verdict(TASK, *found, resources=(known,)) == Import("f", {"arn": "f:2"})


@pytest.mark.parametrize(
    ("type_", "found", "kind", "says"),
    [
        pytest.param(QUEUE, [there("q", "")], "Unresolved", "q is there without the tag", id="untagged"),
        pytest.param(RULE, [there("r", None), there("s", None)], "Unresolved", "AWS has r, s", id="two alike"),
        pytest.param(QUEUE, [there("q", TAG[QUEUE], ready=False)], "Unfinished", "still making", id="being made"),
        pytest.param("aws:x/y:Z", [], "Unresolved", "no way to look up", id="a type without a row"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_to_do(type_: str, found: list[Found], kind: str, says: str) -> None:
    with pytest.raises(UndecidedError) as refused:
        verdict(type_, *found)
    assert refused.value.failure.kind == kind
    assert refused.value.failure.urn == urn(type_, "it")
    assert says in refused.value.failure.error
    if kind == "Unresolved":
        assert f"--clear-pending '{urn(type_, 'it')}'" in refused.value.failure.hint


def test_what_a_person_gave_up_is_cleared_without_a_look() -> None:
    answers = Answers()
    pending = Pending("creating", urn("aws:x/y:Z", "it"), "aws:x/y:Z")
    assert decide(pending, (), answers, (pending.urn,)) == Clear("cleared by hand")
    assert answers.asked == []


def test_a_component_is_nothing_in_aws() -> None:
    pending = Pending("creating", urn("tradai:foundation:Nat", "it"), "tradai:foundation:Nat", custom=False)
    assert decide(pending, (), Answers(), ()) == Clear("a component is nothing in AWS")


def test_an_input_that_is_needed_and_missing_is_said() -> None:
    class Lacks:
        def ask(self, row: Find, inputs: Mapping[str, Any], tag: str) -> list[Found]:
            raise KeyError("name")

    with pytest.raises(UndecidedError, match="its input 'name' is not known"):
        decide(Pending("creating", urn(QUEUE, "it"), QUEUE), (), Lacks(), ())
