"""The table of look-ups: complete, and right by AWS's own service models."""

import re
from fnmatch import fnmatchcase
from string import Template
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.model import ListShape, MapShape, Shape, StructureShape

from tradai_blueprints.tradai.account_rights import RIGHTS
from tradai_runner.repair.find import Asker, CutShortError, Find, mark_in
from tradai_runner.repair.rows import FINDS, FOUND_AGAIN, TOLD_ONCE, is_again
from tradai_sandbox.provider.table import rows
from tradai_sandbox.provider.templates import fill

TAG = "0123456789abcdef"
_INPUTS = re.compile(r"\$(\w+)")
#: One says that it is gone, the others have more of their kind in them.
_LEFT_OUT = re.compile("DeletedDate|Statement$")


def client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")


def operation(service: str, call: str) -> Any:
    model = client(service).meta.service_model
    return model.operation_model(next(name for name in model.operation_names if xform_name(name) == call))


def inputs_of(row: Find) -> set[str]:
    return set(_INPUTS.findall(f"{row.params} {row.found}")) - {"tag"}


def example(shape: Shape, row: Find, name: str = "") -> Any:
    """An answer with one of everything, every text the same as every input."""
    if isinstance(shape, StructureShape):
        for key, value in (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue")):
            if {key, value} <= set(shape.members):
                return {key: "tradai:urn", value: TAG}
        return {key: example(member, row, key) for key, member in shape.members.items() if not _LEFT_OUT.search(key)}
    if isinstance(shape, ListShape):
        return [example(shape.member, row, name)]
    if isinstance(shape, MapShape):
        return {"tradai:urn": TAG}
    if shape.type_name == "boolean":
        return row.type.endswith("EgressRule")
    if shape.type_name in {"integer", "long"}:
        return 7
    return "ACTIVE" if name == "status" else "prefix:same" if name in {"TopicArn", "SubscriptionArn"} else "same"


class Stub:
    """A client that answers with examples, and takes only parameters that AWS would take."""

    def __init__(self, service: str, row: Find) -> None:
        self._service, self._row = service, row

    def can_paginate(self, call: str) -> bool:
        return False

    def __getattr__(self, call: str) -> Any:
        model = operation(self._service, call)

        def answer(**params: Any) -> Any:
            members = model.input_shape.members if model.input_shape else {}
            assert set(params) <= set(members), (call, params)
            assert set(model.input_shape.required_members if model.input_shape else ()) <= set(params), call
            found = example(model.output_shape, self._row)
            found.pop("failures", None)
            tokens = {"NextToken", "nextToken", "NextMarker"} & set(found)
            if client(self._service).can_paginate(call) or tokens & set(params):
                found = {key: value for key, value in found.items() if key not in tokens}
            if tokens & set(params):
                found = {key: [] if isinstance(value, list) else value for key, value in found.items()}
            return found | ({self._row.parsed: '{"Statement": [{"Sid": "same"}]}'} if self._row.parsed else {})

        return answer


def test_every_type_that_the_programs_use_can_be_looked_up_or_made_again() -> None:
    assert sorted(rows()) == sorted({*FINDS, *(type_ for type_ in rows() if is_again(type_))})
    assert not [type_ for type_ in FINDS if is_again(type_)]


#: How IAM calls a service, and a call, where boto3 does otherwise; API Gateway has HTTP's verbs for actions.
_IAM = {"elbv2": "elasticloadbalancing", "stepfunctions": "states", "s3:ListBuckets": "s3:ListAllMyBuckets"}


def action(service: str, call: str) -> str:
    if service == "apigatewayv2":
        return "apigateway:GET"
    found = f"{_IAM.get(service, service)}:{operation(service, call).name}"
    return _IAM.get(found, found)


def test_the_deploy_role_may_look_everything_up() -> None:
    granted = {f"{right.service}:{name}" for rights in RIGHTS.values() for right in rights for name in right.actions}
    asked = {action(row.service, call) for row in FINDS.values() for call in _calls(row)}
    assert [name for name in sorted(asked) if not any(fnmatchcase(name, pattern) for pattern in granted)] == []


def _calls(row: Find) -> tuple[str, ...]:
    return (row.call, row.tags.call) if row.tags else (row.call,)


def test_what_a_destroy_would_leave_behind_is_not_forgotten_for_a_moment() -> None:
    assert FINDS.keys() >= TOLD_ONCE
    assert not TOLD_ONCE & FOUND_AGAIN


def test_a_provider_is_nothing_in_aws() -> None:
    assert is_again("pulumi:providers:aws")
    assert not is_again("aws:sqs/queue:Queue")


def given(row: Find) -> dict[str, Any]:
    """Its inputs, every text the same."""
    others = {"port": 7, "ruleNumber": 7, "egress": False, "eventBusName": "default"}
    return {name: others.get(name, "same") for name in inputs_of(row)}


@pytest.mark.parametrize("row", FINDS.values(), ids=FINDS)
def test_a_row_finds_what_an_answer_of_that_shape_has(row: Find) -> None:
    found = Asker(lambda service: Stub(service, row)).ask(row, given(row), TAG)
    assert len(found) == 1
    assert found[0].id
    assert found[0].mark in {TAG, None}


@pytest.mark.parametrize("row", [row for row in FINDS.values() if rows()[row.type].id], ids=lambda row: row.type)
def test_what_is_found_has_the_id_that_its_creation_gives(row: Find) -> None:
    """The engine reads it by that; an import's id would be another's, or nobody's."""
    found = Asker(lambda service: Stub(service, row)).ask(row, given(row), TAG)
    names = {prop.name: "same" for prop in rows()[row.type].props}
    assert found[0].id == fill(rows()[row.type].id, {**names, **given(row)}, lambda: "same")


@pytest.mark.parametrize(
    ("type_", "inputs", "id_"),
    [
        ("aws:cloudwatch/eventRule:EventRule", {"name": "same"}, "other/same"),
        ("aws:cloudwatch/eventTarget:EventTarget", {"rule": "it", "targetId": "same"}, "other-it-same"),
    ],
)
def test_what_is_on_a_bus_of_its_own_has_its_name_in_front(type_: str, inputs: dict[str, Any], id_: str) -> None:
    row = FINDS[type_]
    found = Asker(lambda service: Stub(service, row)).ask(row, {**inputs, "eventBusName": "other"}, TAG)
    assert [one.id for one in found] == [id_]


@pytest.mark.parametrize("row", FINDS.values(), ids=FINDS)
def test_a_row_asks_for_inputs_that_its_type_has(row: Find) -> None:
    names = {prop.name for prop in rows()[row.type].inputs}
    assert inputs_of(row) <= names


@pytest.mark.parametrize("row", FINDS.values(), ids=FINDS)
def test_a_row_of_a_type_with_tags_asks_for_them(row: Find) -> None:
    """But for a mapping, of which there is one for a function and a source."""
    takes = rows()[row.type].prop("tags") is not None
    asks = row.tags is not None or "tags: " in row.found
    assert asks is takes or row.type == "aws:lambda/eventSourceMapping:EventSourceMapping"


class Pages:
    """A client whose answers come in pieces, or do not come to an end."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def __call__(self, service: str) -> "Pages":
        return self

    def can_paginate(self, call: str) -> bool:
        return False

    def list_web_acls(self, Scope: str, NextMarker: str = "") -> dict[str, Any]:  # noqa: N803 - AWS's own names
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def list_tags_for_resource(self, ResourceARN: str) -> dict[str, Any]:  # noqa: N803 - as above
        return {"TagInfoForResource": {"TagList": [{"Key": "tradai:urn", "Value": TAG}]}}

    def describe_clusters(self, clusters: list[str], include: list[str]) -> dict[str, Any]:
        return self.answers[0]


ACL = {"Name": "it", "Id": "i", "ARN": "a"}


def test_what_stands_on_a_later_page_is_found() -> None:
    pages = Pages({"WebACLs": [], "NextMarker": "m"}, {"WebACLs": [ACL]})
    found = Asker(pages).ask(FINDS["aws:wafv2/webAcl:WebAcl"], {"name": "it", "scope": "REGIONAL"}, TAG)
    assert [one.id for one in found] == ["i"]


def test_an_answer_that_does_not_come_to_an_end_is_none() -> None:
    pages = Pages({"WebACLs": [], "NextMarker": "m"})
    with pytest.raises(CutShortError):
        Asker(pages).ask(FINDS["aws:wafv2/webAcl:WebAcl"], {"name": "it", "scope": "REGIONAL"}, TAG)


def test_a_part_that_aws_could_not_look_up_is_no_absence() -> None:
    row = FINDS["aws:ecs/cluster:Cluster"]
    assert Asker(Pages({"clusters": [], "failures": [{"reason": "MISSING"}]})).ask(row, {"name": "it"}, TAG) == []
    with pytest.raises(CutShortError):
        Asker(Pages({"clusters": [], "failures": [{"reason": "ACCESS_DENIED"}]})).ask(row, {"name": "it"}, TAG)


#: Parts of an id (or ARN) that AWS makes up itself.
OWN = re.compile("Id$|UUID|Revision|SubscriptionArn")


@pytest.mark.parametrize("row", [row for row in FINDS.values() if row.own_ids], ids=lambda row: row.type)
def test_what_never_comes_twice_is_no_name(row: Find) -> None:
    """Ids of AWS's own making, and ARNs that end in one (secrets, balancers, revisions of a task definition)."""
    key = re.search(r"\bid: ('?\$?\w+'?)", row.found)
    assert key
    arn_made_up = row.service in {"elbv2", "secretsmanager"} or "taskDefinition" in row.type
    assert OWN.search(key[1]) or arn_made_up, key[1]


@pytest.mark.parametrize("row", FINDS.values(), ids=FINDS)
def test_a_row_says_how_long_its_service_takes_to_agree_with_itself(row: Find) -> None:
    assert 60 <= row.agrees <= 300
    assert row.service != "ec2" or row.agrees == 300


def test_quotes_in_a_name_do_not_break_the_question() -> None:
    row = FINDS["aws:sns/topic:Topic"]
    assert Asker(lambda service: Stub(service, row)).ask(row, {"name": "o'clock"}, TAG) == []
    assert "$name" in Template(row.found).template


@pytest.mark.parametrize(
    "tags",
    [
        {"tradai:urn": TAG},
        [{"Key": "a", "Value": "b"}, {"Key": "tradai:urn", "Value": TAG}],
        [{"key": "tradai:urn", "value": TAG}],
        [{"TagKey": "tradai:urn", "TagValue": TAG}],
    ],
)
def test_the_mark_is_read_in_every_spelling(tags: Any) -> None:
    assert mark_in(tags) == TAG


@pytest.mark.parametrize("tags", [None, [], {}, [{"Key": "Name", "Value": "x"}]])
def test_no_mark_is_an_empty_one(tags: Any) -> None:
    assert mark_in(tags) == ""
