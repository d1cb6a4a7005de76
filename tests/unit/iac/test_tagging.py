"""Every taggable resource carries the required tags, and one that finds it again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tradai_iac.core.component import Component
from tradai_iac.core.tagging import takes_tags, urn_tag, urn_tag_of

REQUIRED = {
    "Application": "tradai",
    "Environment": "staging",
    "ManagedBy": "pulumi",
    "CostCenter": "trading-platform",
    "Owner": "platform-team",
}
WORD = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)


@dataclass(frozen=True)
class Nothing:
    """A program without outputs."""


def run(declare: Callable[[], object]) -> Run:
    def program(*_: Any) -> Nothing:
        declare()
        return Nothing()

    return run_program(program, None, context_for("staging"), None)


def test_a_taggable_resource_carries_the_required_tags_and_its_mark() -> None:
    tags = run(lambda: aws.sqs.Queue("q")).one("aws:sqs/queue:Queue")["tags"]
    assert {key: tags[key] for key in REQUIRED} == REQUIRED
    assert set(tags) - set(REQUIRED) == {"tradai:urn"}


def test_its_own_tags_stay_beside_the_required_ones() -> None:
    tags = run(lambda: aws.sqs.Queue("q", tags={"Name": "mine"})).one("aws:sqs/queue:Queue")["tags"]
    assert tags["Name"] == "mine"
    assert tags["Owner"] == "platform-team"


def test_a_resource_cannot_choose_a_required_tag() -> None:
    tags = run(lambda: aws.sqs.Queue("q", tags={"Owner": "me"})).one("aws:sqs/queue:Queue")["tags"]
    assert tags["Owner"] == "platform-team"


def test_tags_that_are_known_only_later_are_merged() -> None:
    later = pulumi.Output.from_input
    tags = run(lambda: aws.sqs.Queue("q", tags=later({"Name": "mine"}))).one("aws:sqs/queue:Queue")["tags"]
    assert (tags["Name"], tags["Owner"]) == ("mine", "platform-team")


def test_a_resource_without_tags_is_left_alone() -> None:
    inputs = run(lambda: aws.iam.RolePolicy("p", role="r", policy="{}")).one("aws:iam/rolePolicy:RolePolicy")
    assert "tags" not in inputs


def test_an_autoscaling_group_hands_its_tags_to_its_instances() -> None:
    group = run(lambda: aws.autoscaling.Group("g", min_size=1, max_size=1))
    tags = group.one("aws:autoscaling/group:Group")["tags"]
    assert all(tag["propagateAtLaunch"] for tag in tags)
    assert {tag["key"]: tag["value"] for tag in tags}.items() >= REQUIRED.items()


def test_a_component_says_its_service_for_all_within_it() -> None:
    def declare() -> None:
        outer = Component("test:Outer", "outer", service="backend-api")
        inner = Component("test:Inner", "inner", outer.child())
        aws.sqs.Queue("q", opts=inner.child())
        aws.sns.Topic("t", tags={"Service": "mlflow"}, opts=inner.child())

    made = run(declare)
    assert made.one("aws:sqs/queue:Queue")["tags"]["Service"] == "backend-api"
    assert made.one("aws:sns/topic:Topic")["tags"]["Service"] == "mlflow"


def test_two_resources_of_one_type_and_name_are_refused() -> None:
    def declare() -> None:
        aws.sqs.Queue("q", opts=Component("test:A", "a").child())
        aws.sqs.Queue("q", opts=Component("test:B", "b").child())

    with pytest.raises(ValueError, match="aws:sqs/queue:Queue are called 'q'"):
        run(declare)


@pytest.mark.parametrize(
    ("resource", "taggable"),
    [(aws.s3.Bucket, True), (aws.ec2.Vpc, True), (aws.s3.BucketPolicy, False), (Component, False)],
)
def test_the_class_says_whether_it_takes_tags(resource: type[pulumi.Resource], taggable: bool) -> None:
    assert takes_tags(resource) is taggable


@given(project=WORD, stack=WORD, parents=st.lists(WORD, max_size=3), name=WORD)
def test_the_mark_of_a_urn_does_not_depend_on_its_parents(
    project: str, stack: str, parents: list[str], name: str
) -> None:
    type_ = "aws:s3/bucket:Bucket"
    urn = f"urn:pulumi:{stack}::{project}::{'$'.join([*parents, type_])}::{name}"
    assert urn_tag_of(urn) == urn_tag(project, stack, type_, name)


@given(st.lists(st.tuples(WORD, WORD, WORD, WORD), min_size=2, max_size=2, unique=True))
def test_different_resources_have_different_marks(pair: list[tuple[str, str, str, str]]) -> None:
    assert urn_tag(*pair[0]) != urn_tag(*pair[1])


def test_something_else_than_a_urn_is_refused() -> None:
    with pytest.raises(ValueError, match="not a URN"):
        urn_tag_of("arn:aws:x::p::t::n")
