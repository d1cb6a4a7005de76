"""Where a key opens the state nobody gives a passphrase: runs are told the key, and what they say in secret is read."""

from typing import Any

import pytest

from tests.fakes.bodies import body, changed, deleted
from tests.fakes.drive import FOUNDATION, PERSISTENT, Drive
from tests.fakes.world import World

KEY = "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
STATE = {"backendUrl": "s3://tradai-pulumi-state-dev", "secrets": {"awskms": KEY}}


def made(**spec: Any) -> Drive:
    """An environment in a namespace without a Secret for its state."""
    drive = Drive(World(), body(state=STATE, **spec))
    del drive.world.cluster.secrets["tradai", "tradai-state"]
    return drive


@pytest.fixture
async def ready() -> Drive:
    drive = made()
    await drive.build()
    return drive


def given(drive: Drive) -> set[str]:
    """What runs have been given to seal with."""
    return set(drive.world.executor.passphrases.values())


async def test_it_is_built_without_a_secret_and_every_run_is_told_the_key() -> None:
    drive = made()
    await drive.turn(2)
    runs = list(drive.world.executor.started.values())
    assert [run.kms_key for run in runs] == [KEY] * 2
    await drive.build()
    assert drive.condition("Ready")["status"] == "True"


async def test_what_a_run_says_in_secret_is_read(ready: Drive) -> None:
    outputs = ready.world.cluster.secrets["tradai", "dev-outputs"]
    assert outputs["persistent.cognito_m2m_client_secret"] == "s3cr3t"


async def test_what_runs_seal_with_is_the_operators_own_and_outlives_it(ready: Drive) -> None:
    (before,) = given(ready)
    assert len(before) > 30
    ready.restart()
    await ready.turn()
    assert not ready.world.executor.live, "nothing has changed"
    await ready.put(changed(ready.body, layers={"persistent": {"config": {"strategyRepositories": ["momentum"]}}}))
    assert ready.world.executor.live
    assert given(ready) == {before}


async def test_another_environment_has_another() -> None:
    one, other = made(), made()
    await one.turn(2)
    await other.turn(2)
    assert given(one) != given(other)


async def test_a_deletion_needs_no_secret_either(ready: Drive) -> None:
    ready.restart()
    ready.world.cluster.objects[ready.uid] = deleted(ready.body)
    await ready.turn()
    handle = ready.world.executor.live["edge"]
    assert ready.world.executor.started[handle].kms_key == KEY
    assert ready.world.executor.secrets[handle] == {}, "no other passphrase is tried"


async def test_a_key_that_does_not_serve_stands_still_and_says_so(ready: Drive) -> None:
    await ready.put(changed(ready.body, layers={"persistent": {"config": {"strategyRepositories": ["momentum"]}}}))
    for layer in list(ready.world.executor.live):
        ready.world.executor.fail(layer, "StateKey", "DisabledException: the key is disabled")
    await ready.turn(2)
    assert ready.condition("Stalled")["status"] == "True"
    assert "the key is disabled" in ready.status["message"]


async def test_a_destroy_that_the_key_does_not_open_names_no_secret(ready: Drive) -> None:
    ready.world.cluster.objects[ready.uid] = deleted(ready.body)
    await ready.turn()
    ready.world.executor.fail("edge", "StateKey", "DisabledException: the key is disabled")
    await ready.turn(2)
    assert "the key is disabled" in ready.status["message"]
    assert "Once Secret" not in ready.status["message"]


async def test_the_words_of_a_run_before_the_first_layer_stands_are_read_after_a_restart() -> None:
    drive = made()
    await drive.turn(2)
    drive.restart()
    drive.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
    drive.world.executor.succeed("foundation", FOUNDATION)
    await drive.turn()
    assert drive.world.cluster.secrets["tradai", "dev-outputs"]["persistent.cognito_m2m_client_secret"] == "s3cr3t"
