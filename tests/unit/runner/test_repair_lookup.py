"""What becomes of one interrupted creation: present, absent, or unknown for now or until somebody tells."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.unit.runner.states import resource, urn
from tradai_iac.core.tagging import urn_tag_of
from tradai_runner.repair.answer import Absent, Answer, Look, Present, Unknown
from tradai_runner.repair.find import CutShortError, Find, Found
from tradai_runner.repair.lookup import look_up
from tradai_runner.repair.pending import Pending

QUEUE, RULE, BUCKET = "aws:sqs/queue:Queue", "aws:apigatewayv2/route:Route", "aws:s3/bucket:Bucket"
DATABASE, STAGE = "aws:rds/instance:Instance", "aws:apigatewayv2/stage:Stage"
TASK, VPC, TABLE = "aws:ecs/taskDefinition:TaskDefinition", "aws:ec2/vpc:Vpc", "aws:dynamodb/table:Table"
TAG = {type_: urn_tag_of(urn(type_, "it")) for type_ in (QUEUE, BUCKET, TASK, VPC, TABLE, DATABASE, STAGE)}
#: Hours after it began, and long after the first look.
NOW = 1_800_000_000.0
OLD, YOUNG = Look(NOW, NOW - 900), Look(NOW)


class Answers:
    """AWS as a list of what it has, or as an error."""

    def __init__(self, *found: Found, error: Exception | None = None) -> None:
        self.found, self.error = list(found), error
        self.asked: list[str] = []

    def ask(self, row: Find, inputs: Mapping[str, Any], tag: str) -> list[Found]:
        self.asked.append(tag)
        if self.error:
            raise self.error
        return self.found


def there(id_: str, mark: str | None, *, arn: str | None = None, ready: bool = True) -> Found:
    return Found(id_, arn, ready, mark)


def answer(type_: str, *found: Found, resources: tuple[dict[str, Any], ...] = (), look: Look = OLD) -> Answer:
    inputs = {"name": "it", "apiId": "a", "function": "it", "statementId": "it"}
    return look_up(Pending("creating", urn(type_, "it"), type_, inputs), resources, Answers(*found), (), look)


def mine(type_: str, id_: str, **more: Any) -> Found:
    return there(id_, TAG[type_], **more)


def old(type_: str, id_: str, **more: Any) -> dict[str, Any]:
    return resource(type_, "it", id=id_, **{"outputs": {}, **more})


GONE, DYING = {"pendingReplacement": True}, {"delete": True}
ELSEWHERE = {"inputs": {"name": "it", "apiId": "another"}}
PERMISSION, OF_ANOTHER = "aws:lambda/permission:Permission", {"function": "another", "statementId": "it"}
ABSENT = Absent("nothing of it is in AWS")


@pytest.mark.parametrize(
    ("type_", "found", "has", "expected"),
    [
        pytest.param(QUEUE, [mine(QUEUE, "q")], [], Present("q"), id="ours by its tag"),
        pytest.param(QUEUE, [there("q", "another")], [], ABSENT, id="another's"),
        pytest.param(QUEUE, [], [], ABSENT, id="nothing there"),
        pytest.param(RULE, [there("r", None)], [], Present("r"), id="a type without tags, by its parent and key"),
        pytest.param(BUCKET, [there("b", "")], [], Present("b"), id="tags come later than the bucket"),
        pytest.param(BUCKET, [there("b", "another")], [], ABSENT, id="another's bucket"),
        pytest.param(TASK, [mine(TASK, "f", arn="f:2")], [], Present("f", {"arn": "f:2"}), id="with its ARN"),
        pytest.param(QUEUE, [mine(QUEUE, "q")], [old(QUEUE, "q")], ABSENT, id="the state has it already"),
        pytest.param(QUEUE, [mine(QUEUE, "q"), mine(QUEUE, "r")], [old(QUEUE, "q")], Present("r"), id="beside the old"),
        pytest.param(
            TASK,
            [mine(TASK, "f", arn="f:1"), mine(TASK, "f", arn="f:2")],
            [old(TASK, "f", outputs={"arn": "f:1"})],
            Present("f", {"arn": "f:2"}),
            id="revisions are told apart by their ARNs",
        ),
        pytest.param(TABLE, [mine(TABLE, "t")], [old(TABLE, "t", **GONE)], Present("t"), id="the old one went first"),
        pytest.param(TABLE, [], [old(TABLE, "t", **GONE)], ABSENT, id="the old one went first, and no new one came"),
        pytest.param(VPC, [mine(VPC, "v1")], [old(VPC, "v1", **GONE)], ABSENT, id="AWS still shows the old one"),
        pytest.param(
            VPC, [mine(VPC, "v1"), mine(VPC, "v2")], [old(VPC, "v1", **GONE)], Present("v2"), id="and the new one"
        ),
        pytest.param(
            DATABASE,
            [mine(DATABASE, "db-2", arn="same")],
            [old(DATABASE, "db-1", outputs={"arn": "same"}, **GONE)],
            Present("db-2", {"arn": "same"}),
            id="a database of the same name",
        ),
        pytest.param(VPC, [mine(VPC, "v1")], [old(VPC, "v1", **DYING)], ABSENT, id="one that waits for its deletion"),
        pytest.param(
            TABLE, [mine(TABLE, "it")], [old(TABLE, "it", **DYING)], Present("it"), id="of a name that has one bearer"
        ),
        pytest.param(STAGE, [mine(STAGE, "it")], [old(STAGE, "it", **ELSEWHERE)], Present("it"), id="elsewhere"),
        pytest.param(
            STAGE, [mine(STAGE, "it")], [old(STAGE, "it", **ELSEWHERE, **DYING)], Present("it"), id="dying elsewhere"
        ),
        pytest.param(
            PERMISSION,
            [there("it", None)],
            [old(PERMISSION, "it", inputs=OF_ANOTHER)],
            Present("it"),
            id="a permission of another function",
        ),
    ],
)
def test_what_is_there_is_present_and_what_is_not_is_absent(
    type_: str, found: list[Found], has: list[dict[str, Any]], expected: Answer
) -> None:
    assert answer(type_, *found, resources=tuple(has)) == expected


@pytest.mark.parametrize(
    ("type_", "found", "has", "kind", "says"),
    [
        pytest.param(QUEUE, [there("q", "")], [], "Unresolved", "q is there without the tag", id="untagged"),
        pytest.param(RULE, [there("r", None), there("s", None)], [], "Unresolved", "AWS has r, s", id="two alike"),
        pytest.param(QUEUE, [mine(QUEUE, "q", ready=False)], [], "Unfinished", "still creating", id="being made"),
        pytest.param("aws:x/y:Z", [], [], "Unresolved", "no way to look up", id="a type without a row"),
        pytest.param(
            STAGE,
            [mine(STAGE, "prod")],
            [old(STAGE, "prod", inputs={}, **DYING)],
            "Unresolved",
            "or still there",
            id="of the same name, nobody knows where",
        ),
    ],
)
def test_what_cannot_be_told_is_unknown_and_says_what_to_do(
    type_: str, found: list[Found], has: list[dict[str, Any]], kind: str, says: str
) -> None:
    seen = answer(type_, *found, resources=tuple(has))
    assert isinstance(seen, Unknown)
    assert (seen.failure.kind, seen.failure.urn, seen.wait) == (kind, urn(type_, "it"), None)
    assert says in seen.failure.error
    if kind == "Unresolved":
        assert f"--clear-pending '{urn(type_, 'it')}'" in seen.failure.hint


@pytest.mark.parametrize(
    ("type_", "found", "has"),
    [
        pytest.param(TABLE, [], [], id="nothing there"),
        pytest.param(QUEUE, [there("q", "another")], [], id="another's"),
        pytest.param(QUEUE, [there("q", "")], [], id="its tags may come"),
        pytest.param(TABLE, [mine(TABLE, "t")], [old(TABLE, "t", **GONE)], id="the deleted one may show still"),
        pytest.param(VPC, [mine(VPC, "v1")], [old(VPC, "v1", **GONE)], id="the new one may not show yet"),
        pytest.param(VPC, [mine(VPC, "v1"), mine(VPC, "v2")], [], id="one of two may go"),
        pytest.param(VPC, [mine(VPC, "v1")], [], id="it may be one that was deleted and has left the state"),
    ],
)
def test_what_rests_on_aws_agreeing_with_itself_is_unknown_until_it_had_the_time(
    type_: str, found: list[Found], has: list[dict[str, Any]]
) -> None:
    seen = answer(type_, *found, resources=tuple(has), look=YOUNG)
    assert isinstance(seen, Unknown)
    assert seen.failure.kind == "Unseen"
    assert seen.wait is not None and seen.wait > 0
    again = answer(type_, *found, resources=tuple(has), look=Look(NOW + seen.wait, NOW))
    assert not isinstance(again, Unknown) or again.wait is None


def test_of_a_name_that_the_state_lacks_there_is_one_and_it_is_taken_at_the_first_look() -> None:
    assert answer(TABLE, mine(TABLE, "t"), resources=(old(TABLE, "s", **GONE),), look=YOUNG) == Present("t")


@pytest.mark.parametrize(
    ("first", "longest", "remaining"),
    [
        pytest.param(None, float("inf"), 120, id="the first look"),
        pytest.param(-1, float("inf"), 119, id="a moment later"),
        pytest.param(-120, float("inf"), 0, id="as much later as the service takes"),
        pytest.param(-900, float("inf"), 0, id="hours later"),
        pytest.param(None, 5, 5, id="an endpoint that agrees with itself sooner"),
        pytest.param(-9, 5, 0, id="and later there"),
    ],
)
def test_an_absence_takes_a_second_look_as_much_later_as_aws_takes_to_show_it(
    first: float | None, longest: float, remaining: float
) -> None:
    """However old the interruption is: what was sent last, at the moment of death, AWS may have taken then."""
    assert Look(NOW, None if first is None else NOW + first, longest).remaining(120) == remaining


def refusal(code: str) -> ClientError:
    about = {"RequestId": "r-1234567"}
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": about}, "DescribeTable")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "kind", "request_id"),
    [
        (refusal("AccessDenied"), "Credentials", "r-1234567"),
        (refusal("ThrottlingException"), "Throttled", "r-1234567"),
        (refusal("InternalServerError"), "Provider", "r-1234567"),
        (ReadTimeoutError(endpoint_url="x"), "Network", ""),
        (CutShortError("AWS's answer does not come to an end"), "Unknown", ""),
        (ValueError("no JSON"), "Unknown", ""),
    ],
)
def test_a_look_that_fails_or_is_cut_short_tells_nothing(error: Exception, kind: str, request_id: str) -> None:
    seen = look_up(Pending("creating", urn(TABLE, "it"), TABLE), (), Answers(error=error), (), OLD)
    assert isinstance(seen, Unknown)
    assert (seen.failure.kind, seen.failure.request_id, seen.wait) == (kind, request_id, None)


def test_what_a_person_gave_up_is_cleared_without_a_look() -> None:
    answers = Answers()
    pending = Pending("creating", urn("aws:x/y:Z", "it"), "aws:x/y:Z")
    assert look_up(pending, (), answers, (pending.urn,), OLD) == Absent("cleared by hand")
    assert answers.asked == []


def test_a_component_is_nothing_in_aws() -> None:
    pending = Pending("creating", urn("tradai:foundation:Nat", "it"), "tradai:foundation:Nat", custom=False)
    assert look_up(pending, (), Answers(), (), YOUNG) == Absent("a component is nothing in AWS")


def test_an_input_that_is_needed_and_missing_is_said() -> None:
    seen = look_up(Pending("creating", urn(QUEUE, "it"), QUEUE), (), Answers(error=KeyError("name")), (), OLD)
    assert isinstance(seen, Unknown)
    assert "its input 'name' is not known" in seen.failure.error
