"""Services as a layer writes them: they come up at once, stay as they are, are scaled and deployed, and go whole."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.provider_server import moto_server, provider_environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the real engine said (`ecs_program`)."""
    folder = tmp_path_factory.mktemp("services")
    with moto_server() as url:
        env = {**os.environ, **provider_environment(url, folder)}
        command = [sys.executable, "-m", "tests.integration.ecs_program", str(folder / "told.json")]
        subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=300)
    return json.loads((folder / "told.json").read_text())


def test_services_come_up_in_one_go_and_at_rest(told: Any) -> None:
    assert told["up"]["changes"] == told["preview"]
    assert told["up"]["services"] == {"services-api": [1, "1", 1], "services-data": [1, "1", 1]}


def test_a_second_up_of_services_changes_nothing(told: Any) -> None:
    assert set(told["again"]) == {"same"}


def test_what_auto_scaling_decided_stays(told: Any) -> None:
    assert set(told["scaled"]["changes"]) == {"same"}
    assert told["scaled"]["services"]["services-api"][0] == 3


def test_a_new_image_is_a_new_revision_of_the_same_service(told: Any) -> None:
    assert told["deployed"]["services"] == {"services-api": [3, "2", 1], "services-data": [1, "2", 1]}
    changes = told["deployed"]["changes"]
    assert {kind: changes[kind] for kind in changes if kind != "same"} == {"replace": 2, "update": 2}
    assert set(told["deployed again"]) == {"same"}


def test_nothing_of_the_services_is_left(told: Any) -> None:
    assert {kind: found for kind, found in told["left"].items() if found} == {}
