"""When two documents of container definitions say the same: what ECS fills in, and what is a difference after all."""

import json
from typing import Any

import pytest

from tradai_sandbox.provider.rows.ecs_definitions import parsed, same_containers
from tradai_sandbox.provider.translate import TranslationError

APP = {"name": "app", "image": "app:1"}


def _document(**more: Any) -> str:
    return json.dumps([{**APP, **more}])


FILLED_IN = _document(
    cpu=0,
    essential=True,
    environment=[],
    mountPoints=[],
    volumesFrom=[],
    systemControls=[],
    portMappings=[],
)


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        pytest.param(FILLED_IN, _document(), id="defaults that nobody asked for"),
        pytest.param(_document(), FILLED_IN, id="defaults that the program says"),
        pytest.param(
            _document(portMappings=[{"containerPort": 80, "protocol": "tcp"}]),
            _document(portMappings=[{"containerPort": 80}]),
            id="a protocol",
        ),
        pytest.param(
            _document(portMappings=[{"containerPort": 80, "protocol": "tcp"}]),
            _document(portMappings=[{"containerPort": 80, "hostPort": 80}]),
            id="the only host port that is possible",
        ),
        pytest.param(
            _document(portMappings=[{"containerPort": 80, "hostPort": 0}]),
            _document(portMappings=[{"containerPort": 80}]),
            id="any host port",
        ),
        pytest.param(
            _document(environment=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]),
            _document(environment=[{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]),
            id="another order of the environment",
        ),
        pytest.param(
            _document(healthCheck={"command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3}),
            _document(healthCheck={"command": ["CMD", "true"]}),
            id="a health check's pace",
        ),
        pytest.param(
            json.dumps([APP, {**APP, "name": "side"}]),
            json.dumps([{**APP, "name": "side"}, APP]),
            id="another order of containers",
        ),
        pytest.param(
            _document(logConfiguration={"logDriver": "awslogs", "options": {"a": "b"}, "secretOptions": []}),
            _document(logConfiguration={"logDriver": "awslogs", "options": {"a": "b"}}),
            id="a log driver's secrets",
        ),
    ],
)
def test_what_ecs_fills_in_is_no_difference(actual: str, wanted: str) -> None:
    assert same_containers(actual, wanted)


@pytest.mark.parametrize(
    ("actual", "wanted"),
    [
        pytest.param(_document(), _document(image="app:2"), id="another image"),
        pytest.param(_document(), _document(essential=False), id="not essential"),
        pytest.param(_document(cpu=0), _document(cpu=128), id="a share of the processor"),
        pytest.param(_document(command=["a", "b"]), _document(command=["b", "a"]), id="another order of a command"),
        pytest.param(
            _document(environment=[{"name": "A", "value": "1"}]),
            _document(environment=[{"name": "A", "value": "2"}]),
            id="another value in the environment",
        ),
        pytest.param(
            _document(environment=[{"name": "A", "value": "1"}]), _document(), id="a variable that the program gave up"
        ),
        pytest.param(
            _document(portMappings=[{"containerPort": 80, "hostPort": 80}]),
            _document(portMappings=[{"containerPort": 80}]),
            id="a host port that need not be",
        ),
        pytest.param(
            _document(portMappings=[{"containerPort": 80}]),
            _document(portMappings=[{"containerPort": 80, "protocol": "udp"}]),
            id="another protocol",
        ),
        pytest.param(
            _document(healthCheck={"command": ["CMD", "true"], "interval": 30}),
            _document(healthCheck={"command": ["CMD", "true"], "interval": 10}),
            id="another pace",
        ),
        pytest.param(_document(), json.dumps([APP, {**APP, "name": "side"}]), id="another container"),
        pytest.param(_document(), "not json", id="no document"),
    ],
)
def test_a_real_difference_is_seen(actual: str, wanted: str) -> None:
    assert not same_containers(actual, wanted)


@pytest.mark.parametrize("text", ["not json", "{}", '["app"]'])
def test_what_is_no_list_of_containers_is_refused(text: str) -> None:
    with pytest.raises(TranslationError, match="not a JSON list of container definitions"):
        parsed(text)
