"""What of others stands in the way in AWS is named with what it is, and with what a person can do about it."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tradai_iac.failure import Failure, classify
from tradai_iac.tags import URN_TAG
from tradai_runner.repair.foreign import explained
from tradai_runner.repair.holders import HOLDINGS, holders_of
from tradai_runner.state.checkpoint import Recorded

STACK = "urn:pulumi:dev::tradai-foundation"
GROUP, SUBNET = "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/subnet:Subnet"
HELD = "operation error EC2: DeleteSecurityGroup, api error DependencyViolation: resource sg-1 has a dependent object"
TAKEN = "operation error S3: CreateBucket, api error BucketAlreadyExists: it is not available"


def recorded(type_: str, name: str, id_: str, parent: str = "") -> Recorded:
    urn = f"{STACK}::{parent + '$' if parent else ''}{type_}::{name}"
    return Recorded(urn, type_, name, id_, {}, {}, protect=False, retained=False)


GROUPS = recorded("tradai:foundation:Groups", "groups", "")
OURS = recorded(GROUP, "ecs", "sg-1", "tradai:foundation:Groups")
PROVIDER = recorded("pulumi:providers:aws", "aws", "id")


class Ec2:
    """Answers by the name of the call; notes the filters."""

    def __init__(self, **answers: list[dict[str, Any]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, list[str]]] = []

    def __getattr__(self, call: str) -> Any:
        def asked(**params: Any) -> Mapping[str, Any]:
            (by,) = params["Filters"]
            self.asked.append((call, by["Name"], by["Values"]))
            key = {"describe_network_interfaces": "NetworkInterfaces", "describe_security_groups": "SecurityGroups"}
            return {key.get(call, "Others"): self.answers.get(call, [])}

        return asked

    def of(self, service: str) -> "Ec2":
        assert service == "ec2"
        return self


INTERFACE = {"NetworkInterfaceId": "eni-1", "Description": "by hand", "Attachment": {"InstanceId": "i-1"}, "TagSet": []}


def told(failure: Failure, ec2: Ec2, *more: Recorded) -> Failure:
    return explained(failure, [GROUPS, OURS, PROVIDER, *more], lambda: ec2.of)


def test_what_holds_a_group_is_named_with_what_it_is_on_and_that_it_is_not_ours() -> None:
    failure = told(classify(HELD, OURS.urn), Ec2(describe_network_interfaces=[INTERFACE]))
    assert failure.urn == OURS.urn
    assert failure.error.startswith(
        f'{GROUP} ecs is sg-1 in AWS and is held by network interface eni-1 ("by hand", on i-1), not of this stack: '
    )
    assert "DependencyViolation" in failure.error
    assert "take eni-1 away" in failure.hint
    assert "`tradai retry`" in failure.hint


def test_what_is_of_this_stack_holds_nothing_by_itself() -> None:
    mine = recorded("aws:ec2/networkInterface:NetworkInterface", "eni", "eni-1")
    failure = told(classify(HELD, OURS.urn), Ec2(describe_network_interfaces=[INTERFACE]), mine)
    assert failure.error.startswith("it is sg-1 in AWS: ")


def test_a_strangers_comes_before_what_another_stack_of_ours_has_made() -> None:
    rule = {"GroupId": "sg-9", "GroupName": "theirs", "Tags": []}
    made = INTERFACE | {"TagSet": [{"Key": URN_TAG, "Value": "x"}]}
    failure = told(classify(HELD, OURS.urn), Ec2(describe_network_interfaces=[made], describe_security_groups=[rule]))
    assert 'a rule of security group sg-9 ("theirs")' in failure.error
    assert "eni-1" not in failure.error


def test_many_are_counted() -> None:
    many = [INTERFACE | {"NetworkInterfaceId": f"eni-{number}"} for number in range(8)]
    failure = told(classify(HELD, OURS.urn), Ec2(describe_network_interfaces=many))
    assert "and 3 more, not of this stack" in failure.error
    assert "eni-7" not in failure.error


def test_a_look_that_fails_hides_nothing_of_what_aws_said() -> None:
    def refused() -> Any:
        raise ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "DescribeNetworkInterfaces")

    failure = explained(classify(HELD, OURS.urn), [OURS], refused)
    assert "it is sg-1 in AWS; what holds it could not be looked up" in failure.error
    assert "has a dependent object" in failure.error


def test_a_provider_that_the_engine_makes_by_itself_is_not_named() -> None:
    default = recorded("pulumi:providers:aws", "default_7_51_1", "id")
    failure = explained(classify(TAKEN, f"{STACK}::aws:s3/bucket:Bucket::logs"), [default], lambda: Ec2().of)
    assert "`pulumi import aws:s3/bucket:Bucket logs ID --protect=false" in failure.hint


def test_a_thing_that_has_our_name_can_be_adopted_or_removed() -> None:
    urn = f"{STACK}::tradai:foundation:Groups$aws:s3/bucket:Bucket::logs"
    failure = told(classify(TAKEN, urn), Ec2())
    assert failure.error.startswith("aws:s3/bucket:Bucket logs is in AWS already, and this stack did not make it: ")
    assert "BucketAlreadyExists" in failure.error
    assert f"`pulumi import aws:s3/bucket:Bucket logs ID --parent parent='{GROUPS.urn}'" in failure.hint
    assert f"--provider aws='{PROVIDER.urn}'" in failure.hint
    assert "docs/ADOPTION.md" in failure.hint
    assert "delete it in AWS" in failure.hint


@pytest.mark.parametrize(
    "failure",
    [
        classify("api error AccessDenied: no", OURS.urn),
        classify(HELD),
        classify("api error OperationAborted: busy", OURS.urn),
        classify(TAKEN, OURS.urn),
    ],
    ids=["another kind", "of no resource", "a change that goes on", "of what stands"],
)
def test_all_else_stays_as_it_is(failure: Failure) -> None:
    assert told(failure, Ec2()) == failure


@pytest.mark.parametrize("type_", sorted({row.type for row in HOLDINGS}))
def test_each_row_asks_for_the_held_one_alone(type_: str) -> None:
    ec2 = Ec2()
    assert list(holders_of(type_, "x-1", ec2.of)) == []
    assert [values for _, _, values in ec2.asked] == [["x-1"]] * len([row for row in HOLDINGS if row.type == type_])
