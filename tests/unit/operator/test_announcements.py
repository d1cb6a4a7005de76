"""Events read like sentences, whatever happened."""

import re

import pytest

from tests.fakes.bodies import body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World
from tradai_operator.model import EnvironmentStatus, LayerFailure, LayerStatus, Resources
from tradai_operator.status.announce import announcements, sentence

_URN = "urn:pulumi:dev::tradai-persistent::tradai:p:S3$aws:s3/bucket:Bucket::configs"
_ID = re.compile(r"urn:|[0-9a-f]{8}-[0-9a-f]{4}|req-|sha256:|\d{8}T\d{6}")


def said(state: str, operation: str = "up", failure: LayerFailure | None = None) -> str:
    layer = LayerStatus.model_validate({"name": "persistent", "state": state, "operation": operation})
    layer = layer.model_copy(update={"resources": Resources(created=2), "failure": failure})
    (only,) = announcements(EnvironmentStatus(), EnvironmentStatus(layers=(layer,)))
    return only.message


@pytest.mark.parametrize(
    ("state", "operation", "text"),
    [
        ("Running", "up", "Layer persistent is being built"),
        ("Running", "destroy", "Layer persistent is being destroyed"),
        ("Ready", "up", "Layer persistent is ready: 2 created, 0 updated, 0 replaced, 0 deleted"),
        ("Destroyed", "destroy", "Layer persistent is destroyed"),
        ("Cancelled", "up", "Layer persistent is cancelled"),
    ],
)
def test_each_state_of_a_layer_is_a_sentence(state: str, operation: str, text: str) -> None:
    assert said(state, operation) == text


def test_a_failure_names_the_resource_as_people_do_and_no_id() -> None:
    failure = LayerFailure(kind="Quota", urn=_URN, error="TooManyBuckets: no more", request_id="req-12345")
    assert said("Failed", failure=failure) == (
        "Layer persistent failed at aws:s3/bucket:Bucket configs: TooManyBuckets: no more"
    )
    assert said("Failed", failure=LayerFailure(kind="Lost", error="gone")) == "Layer persistent failed: gone"


@pytest.mark.parametrize(
    ("text", "as_sentence"),
    [
        ("all layers are as declared", "All layers are as declared"),
        ("compute waits: images are missing", "Layer compute waits: images are missing"),
        ("tradai/dev claimed environment dev", "Resource tradai/dev claimed environment dev"),
        ("Secret a does not exist", "Secret a does not exist"),
        ("", ""),
    ],
)
def test_a_message_of_the_status_gets_a_beginning_and_names_stay_as_they_are(text: str, as_sentence: str) -> None:
    assert sentence(text, ["compute", "persistent"]) == as_sentence


async def test_all_that_is_said_in_a_life_begins_with_a_capital_and_ends_in_no_id() -> None:
    world = World()
    drive = Drive(world, body())
    await drive.turn()
    world.executor.fail("persistent", "Conflict", "BucketAlreadyExists: taken")
    world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    await drive.put(changed(drive.body, suspend=True))
    await drive.put(changed(drive.body, suspend=False, layers={"persistent": {"config": {"strategyRepositories": []}}}))
    world.executor.succeed("persistent", PERSISTENT)
    world.images.missing = {"backend"}
    await drive.turn()
    await drive.put(deleted(drive.body))
    texts = [event.message for event in world.cluster.events]
    assert len(texts) >= 8
    assert [text for text in texts if not text[:1].isupper() or text != text.strip() or _ID.search(text)] == []
