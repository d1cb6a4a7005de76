"""The consolidated instance as compute declares it: a target of its services, replaced by a new image."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.provider_server import moto_server, provider_environment

ROOT = Path(__file__).parents[2]
PORTS = {
    "instance-backend-api": 8000,
    "instance-data-collection": 8002,
    "instance-mlflow": 5000,
    "instance-strategy-service": 8003,
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the real engine said (`instance_program`)."""
    folder = tmp_path_factory.mktemp("instance")
    with moto_server() as url:
        env = {**os.environ, **provider_environment(url, folder)}
        command = [sys.executable, "-m", "tests.integration.instance_program", str(folder / "told.json")]
        subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=300)
    return json.loads((folder / "told.json").read_text())


def test_one_instance_of_the_type_comes_up_in_a_private_subnet(told: Any) -> None:
    (instance,) = told["up"]["instances"]
    assert instance["InstanceType"] == "t3.small"
    assert instance["ImageId"].startswith("ami-")
    assert {"Key": "Name", "Value": "tradai-consolidated-dev"} in instance["Tags"]


@pytest.mark.parametrize("stage", ["up", "deployed"])
def test_it_is_the_one_target_of_each_of_its_services(told: Any, stage: str) -> None:
    (instance,) = told[stage]["instances"]
    assert told[stage]["targets"] == {name: [[instance["InstanceId"], port]] for name, port in PORTS.items()}


def test_a_second_up_changes_nothing_of_it(told: Any) -> None:
    assert set(told["again"]) == {"same"}


def test_a_refresh_finds_it_as_it_was_made(told: Any) -> None:
    assert set(told["refreshed"]) == {"same"}


def test_a_new_image_changes_template_and_group_and_replaces_the_instance(told: Any) -> None:
    changes = told["deployed"]["changes"]
    assert {kind: changes[kind] for kind in changes if kind != "same"} == {"update": 2}
    (before,), (after,) = told["up"]["instances"], told["deployed"]["instances"]
    assert before["InstanceId"] != after["InstanceId"]
    assert set(told["deployed again"]) == {"same"}


def test_nothing_of_it_is_left(told: Any) -> None:
    assert set(told["left"].values()) == {0}
