"""What a build asks of the state bucket and leaves there, and what the endpoint takes for it.

Must never count what the provider asks for resources, nor what runners ask beside their engines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psutil

from tools.bench.bed import Bed
from tradai_runner.stateport.upstream import CALLER
from tradai_sandbox.aws.calls import Calls
from tradai_sandbox.control import take_calls
from tradai_sandbox.state import load

#: How the engine's own client calls itself.
_ENGINE: Final = "aws-sdk-go-v2"
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True)
class StateCost:
    """Calls for states, MB that they sent and had copied, MB of the versions left, MB that the endpoint takes.

    What was sent and copied lies in a real bucket for 30 days; here the newest versions alone are left. A copy is
    reckoned as large as a save of the same build on average: the engine copies the state that it is about to replace.
    """

    calls: int
    sent: float
    copied: float
    left: float
    endpoint: float


def state_cost(place: Bed) -> StateCost:
    """Of one sandbox, since it is up."""
    state = load(place.layout.state)
    assert state is not None  # noqa: S101 - it is up
    counted = take_calls(state.ports["aws"])
    ours = [each for each in counted if each.service == "s3" and each.caller in {_ENGINE, CALLER}]
    saves, sent = _count(ours, "PutObject"), sum(each.sent for each in ours) / _MEGABYTE
    return StateCost(
        calls=sum(each.count for each in ours),
        sent=sent,
        copied=sent / saves * _count(ours, "CopyObject"),
        left=_left(place) / _MEGABYTE,
        endpoint=psutil.Process(state.processes["aws"].mark.pid).memory_info().rss / _MEGABYTE,
    )


def _count(calls: Sequence[Calls], operation: str) -> int:
    return sum(each.count for each in calls if each.operation == operation)


def _left(place: Bed) -> int:
    pages = place.client("s3").get_paginator("list_object_versions")
    found = pages.paginate(Bucket="tradai-pulumi-state-dev", Prefix=".pulumi/")
    return sum(version["Size"] for page in found for version in page.get("Versions", []))
