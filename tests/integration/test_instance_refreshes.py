"""Instance refreshes on the local endpoint: one is under way until every instance of the group is in service."""

import time
from collections.abc import Iterator

import pytest

from tests.integration.lambda_estate import until
from tests.integration.nat_estate import GROUP, Estate
from tests.integration.provider_server import moto_server
from tradai_runner.rollout import GROUP as GROUP_TYPE
from tradai_runner.rollout import Rollout
from tradai_runner.state.checkpoint import Checkpoint, Recorded

INPUTS = {"instanceRefresh": {"preferences": {"minHealthyPercentage": 0}}}
RECORDED = Checkpoint((Recorded("urn::nat", GROUP_TYPE, "nat", GROUP, INPUTS, {}, False, False),))


@pytest.fixture
def estate() -> Iterator[Estate]:
    with moto_server() as url:
        estate = Estate(url)
        estate.lay_network()
        estate.put_function()
        estate.launch_group()
        until(lambda: list(estate.instances().values()) == ["InService"])
        yield estate


def test_a_refresh_is_watched_until_the_new_instance_passes_traffic_on(estate: Estate) -> None:
    (before,) = estate.instances()
    autoscaling = estate("autoscaling")
    autoscaling.start_instance_refresh(AutoScalingGroupName=GROUP)
    assert (
        Rollout(autoscaling, time.time() - 60, print, lambda: None, pause=lambda _: time.sleep(0.1)).ended(RECORDED)
        is None
    )
    ((after, state),) = estate.instances().items()
    assert after != before
    assert (state, estate.way_out()) == ("InService", after)


def test_a_group_that_is_not_there_has_no_refreshes(estate: Estate) -> None:
    gone = Checkpoint((Recorded("urn::nat", GROUP_TYPE, "nat", "another", INPUTS, {}, False, False),))
    assert Rollout(estate("autoscaling"), time.time(), print, lambda: None).ended(gone) is None
