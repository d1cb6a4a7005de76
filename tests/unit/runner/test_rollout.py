"""A layer is Ready once its instances are what their template says: an update ends after the refresh that it began."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tradai_iac.failure import Failure
from tradai_runner.rollout import GROUP, Rollout
from tradai_runner.state.checkpoint import Checkpoint, Recorded

NAME, SINCE = "tradai-consolidated-dev", 1_800_000_000.0
REFRESHED = {"instanceRefresh": {"strategy": "Rolling", "preferences": {"minHealthyPercentage": 0}}}


def state(**inputs: Any) -> Checkpoint:
    return Checkpoint((Recorded("urn::group", GROUP, "group", NAME, inputs or REFRESHED, {}, False, False),))


def refresh(status: str, at: float = SINCE + 1, **more: Any) -> dict[str, Any]:
    return {"InstanceRefreshId": "r", "Status": status, "StartTime": datetime.fromtimestamp(at, UTC), **more}


@dataclass
class Aws:
    """Answers one question after the other; the last answer stays."""

    answers: list[list[dict[str, Any]]]
    begun: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    def describe_instance_refreshes(self, **_: Any) -> dict[str, Any]:
        self.asked += 1
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return {"InstanceRefreshes": answer}

    def start_instance_refresh(self, **asked: Any) -> None:
        self.begun.append(asked)


class Clock:
    def __init__(self) -> None:
        self.now = SINCE

    def pause(self, seconds: float) -> None:
        self.now += seconds


def watched(
    aws: Aws, recorded: Checkpoint | None = None, called_off: Iterable[Failure | None] = ()
) -> tuple[Failure | None, list[str]]:
    said: list[str] = []
    clock, words = Clock(), iter(called_off)
    rollout = Rollout(aws, SINCE, said.append, lambda: next(words, None), lambda: clock.now, clock.pause)
    return rollout.ended(recorded or state()), said


def test_a_refresh_under_way_is_watched_to_its_end() -> None:
    steps = [refresh("Pending"), refresh("InProgress", PercentageComplete=50), refresh("Baking"), refresh("Successful")]
    aws = Aws([[step] for step in steps])
    assert watched(aws)[0] is None
    assert (aws.asked, aws.begun) == (4, [])


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"])
def test_one_that_ends_badly_in_this_run_fails_it(status: str) -> None:
    aws = Aws([[refresh("InProgress")], [refresh(status, StatusReason="no instance came up")]])
    failure, _ = watched(aws)
    assert failure is not None
    assert (failure.kind, aws.begun) == ("Provider", [])
    assert failure.error.endswith(f"ended as {status}: no instance came up")


def test_one_that_ended_badly_before_is_begun_again_as_the_program_declares_it_and_watched() -> None:
    aws = Aws([[refresh("Failed", at=SINCE - 60)], [refresh("InProgress")], [refresh("Successful")]])
    assert watched(aws)[0] is None
    wanted = {"MinHealthyPercentage": 0, "SkipMatching": True}
    assert aws.begun == [{"AutoScalingGroupName": NAME, "Preferences": wanted}]


@pytest.mark.parametrize("answer", [[], [refresh("Successful", at=SINCE - 60)]], ids=["none", "an old one, well"])
def test_where_nothing_is_replaced_nothing_is_waited_for(answer: list[dict[str, Any]]) -> None:
    aws = Aws([answer])
    assert watched(aws) == (None, [])
    assert aws.asked == 1


def test_a_group_whose_instances_nobody_replaces_is_not_asked_about() -> None:
    aws = Aws([[refresh("Failed")]])
    assert watched(aws, state(name=NAME))[0] is None
    assert aws.asked == 0


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeInstanceRefreshes")


@dataclass
class Refusing(Aws):
    """Refuses every question after the first `answered` ones."""

    error: ClientError = field(default_factory=lambda: refused("ValidationError", ""))
    answered: int = 0

    def describe_instance_refreshes(self, **asked: Any) -> dict[str, Any]:
        if self.asked >= self.answered:
            raise self.error
        return super().describe_instance_refreshes(**asked)


GONE = refused("ValidationError", "AutoScalingGroup name not found - AutoScalingGroup not found")


@pytest.mark.parametrize("answered", [0, 1], ids=["from the start", "while it was watched"])
def test_a_group_that_is_gone_has_nothing_to_wait_for(answered: int) -> None:
    aws = Refusing([[refresh("InProgress")]], error=GONE, answered=answered)
    assert watched(aws)[0] is None


@pytest.mark.parametrize(
    "error",
    [refused("ValidationError", "MaxRecords is out of range"), refused("Throttling", "name not found"),
     refused("AccessDenied", "AutoScalingGroup name not found")],
    ids=str,
)  # fmt: skip
def test_any_other_refusal_does_not_say_that_it_is_gone(error: ClientError) -> None:
    with pytest.raises(ClientError):
        watched(Refusing([[]], error=error))


def test_whoever_stops_the_run_is_not_kept_waiting() -> None:
    stopped = Failure(kind="Cancelled", error="stopped")
    assert watched(Aws([[refresh("InProgress")]]), called_off=[None, stopped])[0] == stopped


def test_one_without_an_end_fails_the_run() -> None:
    failure, _ = watched(Aws([[refresh("InProgress")]]))
    assert failure is not None
    assert "has not come to an end" in failure.error
