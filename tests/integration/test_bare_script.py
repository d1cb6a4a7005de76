"""The script that the bench compares with builds every system that it is measured on, on the real engine."""

import json
from collections.abc import Iterator

import pytest

from tools.bench.bed import Bed, bed
from tradai_iac.blueprints import BLUEPRINTS
from tradai_runner.bucket.keys import state_key


@pytest.fixture(scope="module")
def place() -> Iterator[Bed]:
    with bed(latency="0ms", operator=False) as place:
        yield place


@pytest.mark.parametrize("layer", BLUEPRINTS["sample"].layer_names)
def test_a_layer_of_the_sample_stands_once_its_script_has_ended(place: Bed, layer: str) -> None:
    place.script("sample", layer, "dev")
    assert recorded(place, f"sample-{layer}") > 2


def test_the_first_layer_of_the_platform_stands_once_its_script_has_ended(place: Bed) -> None:
    wall, cpu = place.bare("persistent")
    assert wall > 0 < cpu
    assert recorded(place, "tradai-persistent") > 50


def recorded(place: Bed, project: str) -> int:
    """How many resources the state of a stack has."""
    key = state_key(project, "dev")
    body = place.client("s3").get_object(Bucket="tradai-pulumi-state-dev", Key=key)["Body"].read()
    return len(json.loads(body)["checkpoint"]["latest"]["resources"])
