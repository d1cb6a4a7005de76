"""The engine's record of a stack, read without the engine: resources, outputs, and what refuses deletion."""

from typing import Any

import pytest

from tradai_runner.state.checkpoint import SECRET, Checkpoint, parse_checkpoint
from tradai_runner.teardown.protection import obstacles

_SECRET_VALUE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:xyz"}


def entry(type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:dev::tradai-persistent::{type_}::{name}", "type": type_, **more}


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "checkpoint": {"stack": "dev", "latest": {"resources": list(resources)}}}


STACK = entry("pulumi:pulumi:Stack", "tradai-persistent-dev", outputs={"url": "x", "password": _SECRET_VALUE})


def test_resources_and_outputs_are_read_and_secrets_stay_closed() -> None:
    found = parse_checkpoint(
        state(STACK, entry("aws:s3/bucket:Bucket", "configs", id="tradai-configs-dev", inputs={"n": [_SECRET_VALUE]}))
    )
    assert found.outputs == {"url": "x", "password": SECRET}
    (bucket,) = found.of("aws:s3/bucket:Bucket")
    assert (bucket.name, bucket.id, bucket.inputs) == ("configs", "tradai-configs-dev", {"n": [SECRET]})
    assert "ciphertext" not in str(found)


@pytest.mark.parametrize("body", [{}, state(), {"checkpoint": {"latest": None}}, state(STACK)])
def test_a_stack_without_resources_of_a_cloud_does_not_stand(body: dict[str, Any]) -> None:
    assert not parse_checkpoint(body).stands


def test_a_stack_with_one_stands() -> None:
    assert parse_checkpoint(state(STACK, entry("aws:sns/topic:Topic", "alerts", id="a"))).stands


def test_what_waits_for_its_deletion_is_no_resource_any_more() -> None:
    assert parse_checkpoint(state(entry("aws:sns/topic:Topic", "alerts", id="a", delete=True))).resources == ()


def test_the_version_tells_states_apart_and_not_the_times_at_which_they_were_saved() -> None:
    topic, doomed = (entry("aws:sns/topic:Topic", "alerts", id="a", **more) for more in ({}, {"delete": True}))
    states = [state(), state(topic), state(doomed), state(topic, STACK)]
    pending = {"type": "creating", "resource": entry("aws:sns/topic:Topic", "alerts")}
    states.append({"checkpoint": {"latest": {"pending_operations": [pending]}}})
    assert len({parse_checkpoint(found).version for found in states}) == len(states)
    saved = state(topic)
    saved["checkpoint"]["latest"]["manifest"] = {"time": "2026-11-21T16:53:23Z"}
    assert parse_checkpoint(saved).version == parse_checkpoint(state(topic)).version
    assert parse_checkpoint(state()).version == ""


def test_a_resource_that_outlives_the_stack_is_none_of_its_own() -> None:
    found = parse_checkpoint(state(entry("aws:s3/bucket:Bucket", "state", id="s", retainOnDelete=True)))
    assert found.of("aws:s3/bucket:Bucket") == ()


def test_both_kinds_of_protection_are_found_each_resource_once() -> None:
    found = obstacles(
        parse_checkpoint(
            state(
                entry("aws:dynamodb/table:Table", "a", protect=True, inputs={"deletionProtectionEnabled": True}),
                entry("aws:dynamodb/table:Table", "b", inputs={"deletionProtectionEnabled": False}),
                entry("aws:cognito/userPool:UserPool", "users", inputs={"deletionProtection": "ACTIVE"}),
                entry("aws:cognito/userPool:UserPool", "open", inputs={"deletionProtection": "INACTIVE"}),
                entry("aws:rds/instance:Instance", "database", inputs={"deletionProtection": True}),
                entry("tradai:persistent:Tables", "tables", protect=True),
            )
        )
    )
    assert found.aws == ("Table a", "UserPool users", "Instance database")
    assert [urn.rpartition("::")[2] for urn in found.targets] == ["a", "tables", "users", "database"]
    assert not obstacles(Checkpoint())
