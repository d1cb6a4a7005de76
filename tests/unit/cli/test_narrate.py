"""What a person is told while an environment is built."""

from typing import Any

import pytest

from tradai_cli.narrate import changes, seconds
from tradai_operator.model import EnvironmentStatus


def _status(phase: str = "Building", says: str = "", **layer: Any) -> EnvironmentStatus:
    raw = {"phase": phase, "message": says, "layers": [{"name": "edge"} | layer]}
    return EnvironmentStatus.parse(raw)


def _running(done: int, current: str = "aws:s3/bucket:Bucket logs") -> EnvironmentStatus:
    return _status(state="Running", resources={"done": done, "total": 8}, current=current)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_running(1), _running(1), []),
        (_running(2), _running(3), []),
        (_running(1), _running(2), ["edge        2/8 aws:s3/bucket:Bucket logs"]),
        (_running(8), _status(state="Ready", resources={"done": 8, "total": 8}), ["edge        Ready     8 resources"]),
        (_running(3), _status(state="Failed", message="no quota"), ["edge        Failed    no quota"]),
        (
            _status(state="Blocked", message="waits for compute"),
            _status(state="Blocked", message="waits for compute; images are missing: a"),
            ["edge        Blocked   waits for compute; images are missing: a"],
        ),
        (
            _status(state="Ready"),
            _status(phase="Ready", says="all layers are ready", state="Ready"),
            ["Ready: all layers are ready"],
        ),
    ],
    ids=[
        "nothing new",
        "a little further",
        "a quarter further",
        "a layer is ready",
        "a layer failed",
        "it waits for more",
        "phase",
    ],
)
def test_only_what_changed_is_told(before: EnvironmentStatus, after: EnvironmentStatus, told: list[str]) -> None:
    assert changes(before, after) == told


def test_the_first_status_tells_every_layer() -> None:
    assert changes(EnvironmentStatus(), _status(state="Blocked", message="waits for compute")) == [
        "edge        Blocked   waits for compute",
        "Building",
    ]


def test_how_long_a_layer_took_is_known_once_it_ended() -> None:
    ended = _status(startedAt="2026-11-21T10:00:00Z", finishedAt="2026-11-21T10:00:42Z")
    assert seconds(ended.layer("edge")) == 42
    assert seconds(_status(startedAt="2026-11-21T10:00:00Z").layer("edge")) is None
