"""After an update: waits until instances are what their groups' templates say.

The provider starts an instance refresh and goes on, so that an engine ends while instances of before still serve. Must
never begin a refresh beside one that is under way, nor call a layer Ready on one that has ended badly.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tradai_iac.failure import Failure, classify
from tradai_runner.contract import RunRequest, Update
from tradai_runner.engine.interrupt import Interrupt, called_off
from tradai_runner.record import Record
from tradai_runner.state.checkpoint import Checkpoint, Recorded

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

GROUP: Final = "aws:autoscaling/group:Group"
_UNDER_WAY: Final = {"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"}
_PAUSE_SECONDS: Final = 5.0
#: A launch may be held for an hour at most, and a group of ours has one instance.
_LONGEST_SECONDS: Final = 2 * 3600.0


def rolled_out(
    request: RunRequest,
    record: Record,
    since: float,
    log: Callable[[str], None],
    interrupt: Interrupt,
) -> Failure | None:
    """Why instances are not what an update declares, though AWS has taken it; None for any other request."""
    recorded = record.get() if isinstance(request, Update) else None
    if recorded is None or not recorded.of(GROUP):
        return None
    from botocore.exceptions import BotoCoreError, ClientError  # boto3 takes half a second that other runs do not need

    from tradai_runner.repair.clients import clients_for

    try:
        client = clients_for(request)("autoscaling")
        return Rollout(client, since, log, lambda: called_off(interrupt)).ended(recorded)
    except (BotoCoreError, ClientError) as error:
        return classify(str(error))


@dataclass(frozen=True)
class Rollout:
    """One run's; `autoscaling` is a client of that service, `since` the run's start in seconds since the epoch."""

    autoscaling: Any
    since: float
    log: Callable[[str], None]
    called_off: Callable[[], Failure | None]
    clock: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep

    def ended(self, recorded: Checkpoint) -> Failure | None:
        """Why an instance is not what its template says, None where all are; raises botocore's errors."""
        groups = [group for group in recorded.of(GROUP) if group.inputs.get("instanceRefresh")]
        return next((failure for group in groups if (failure := self._standing(group))), None)

    def _standing(self, group: Recorded) -> Failure | None:
        """As `_group`, None for one that this very update took away: the record is of before it."""
        from botocore.exceptions import ClientError  # as above

        try:
            return self._group(group)
        except ClientError as error:
            if _is_gone(error):
                return None
            raise

    def _group(self, group: Recorded) -> Failure | None:
        newest = self._newest(group.id)
        if newest and _is_bad(newest) and newest["StartTime"].timestamp() < self.since:
            self.log(f"the instance refresh of {group.id} ended as {newest['Status']}: it is begun again")
            self._begin(group)
            newest = self._newest(group.id)
        return self._watched(group.id, newest) if newest else None

    def _watched(self, name: str, refresh: Mapping[str, Any]) -> Failure | None:
        until, told = self.clock() + _LONGEST_SECONDS, -1
        while refresh["Status"] in _UNDER_WAY:
            if (done := refresh.get("PercentageComplete", 0)) != told:
                told = done
                self.log(f"the instances of {name} are replaced: {done} %")
            if failure := self.called_off():
                return failure
            if self.clock() > until:
                return _failure(name, refresh, "has not come to an end")
            self.pause(_PAUSE_SECONDS)
            refresh = self._newest(name) or refresh
        return _failure(name, refresh, f"ended as {refresh['Status']}") if _is_bad(refresh) else None

    def _newest(self, name: str) -> Mapping[str, Any] | None:
        """AWS gives the newest first."""
        answer = self.autoscaling.describe_instance_refreshes(AutoScalingGroupName=name, MaxRecords=1)
        found: list[Mapping[str, Any]] = answer["InstanceRefreshes"]
        return found[0] if found else None

    def _begin(self, group: Recorded) -> None:
        """As the template stands; an instance that is of it already stays."""
        wanted = group.inputs["instanceRefresh"].get("preferences") or {}
        healthy = {"MinHealthyPercentage": int(wanted.get("minHealthyPercentage", 90)), "SkipMatching": True}
        self.autoscaling.start_instance_refresh(AutoScalingGroupName=group.id, Preferences=healthy)


def _is_gone(error: "ClientError") -> bool:
    said = error.response["Error"]
    return said["Code"] == "ValidationError" and "AutoScalingGroup name not found" in said["Message"]


def _is_bad(refresh: Mapping[str, Any]) -> bool:
    return refresh["Status"] not in {*_UNDER_WAY, "Successful"}


def _failure(name: str, refresh: Mapping[str, Any], what: str) -> Failure:
    why = f": {refresh['StatusReason']}" if refresh.get("StatusReason") else ""
    return Failure(
        kind="Provider",
        error=f"the instances of {name} are not what is declared: their refresh {what}{why}",
        hint="Look at the newest instance's system log for what its first start says; the refresh is begun again with "
        "the next attempt.",
    )
