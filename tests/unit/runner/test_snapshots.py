"""Copies of a state: made as it is, put back only where it is fit, never without a copy of what was there."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from tests.unit.runner.objects import Objects
from tradai_runner.bucket.keys import backup_key, locks_prefix, state_key
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.lock.stack import HeldError
from tradai_runner.state.passphrase import opens_state
from tradai_runner.state.snapshots import Opens, UnfitError, back_up, names, put_back

PROJECT, STACK = "sample-store", "dev"
STATE, NAME = state_key(PROJECT, STACK), "20270115T080000-hand"


def salt(passphrase: str) -> str:
    """As the engine writes it."""
    own, nonce = os.urandom(8), os.urandom(12)
    key = PBKDF2HMAC(algorithm=SHA256(), length=32, salt=own, iterations=1_000_000).derive(passphrase.encode())
    parts = (own, nonce, AESGCM(key).encrypt(nonce, b"pulumi", None))
    first, second, third = (base64.b64encode(part).decode() for part in parts)
    return f"v1:{first}:v1:{second}:{third}"


SALT = salt("right")


def state(*resources: str, stack: str = f"organization/{PROJECT}/{STACK}", **latest: Any) -> bytes:
    provider = {"type": "passphrase", "state": {"salt": SALT}}
    urns = [{"urn": f"urn:pulumi:{STACK}::{PROJECT}::aws:s3/bucket:Bucket::{name}", "type": "x"} for name in resources]
    body = {"stack": stack, "latest": {"resources": urns, "secrets_providers": provider} | latest}
    return json.dumps({"version": 3, "checkpoint": body}).encode()


def _with(passphrase: str) -> Opens:
    return lambda body: opens_state(body, passphrase)


@pytest.fixture
def registry(tmp_path: Path) -> RunRegistry:
    return RunRegistry(tmp_path)


def test_only_the_right_passphrase_opens_a_state() -> None:
    assert opens_state(json.loads(state("a")), "right")
    assert not opens_state(json.loads(state("a")), "wrong")
    assert not opens_state(json.loads(state("a", secrets_providers={"type": "awskms"})), "right")
    assert not opens_state(json.loads(state("a", secrets_providers=None)), "right")


@pytest.mark.parametrize(
    "broken", ["", "v1:x", "v1:!:v1:!:!", SALT[:-8]], ids=["nothing", "too short", "no base64", "cut off"]
)
def test_a_salt_that_is_none_opens_with_nothing(broken: str) -> None:
    body = json.loads(state("a", secrets_providers={"type": "passphrase", "state": {"salt": broken}}))
    assert not opens_state(body, "right")


def test_a_copy_is_the_state_byte_by_byte_and_there_is_none_without_a_state() -> None:
    store = Objects()
    assert back_up(store, PROJECT, STACK, NAME) is None
    store[STATE] = state("a")
    assert back_up(store, PROJECT, STACK, NAME) == backup_key(PROJECT, STACK, NAME)
    assert store[backup_key(PROJECT, STACK, NAME)] == state("a")
    assert names(store, PROJECT, STACK) == [NAME]


def test_putting_back_keeps_what_was_there_first_and_holds_the_stack_meanwhile(registry: RunRegistry) -> None:
    store = Objects({STATE: state("new")})
    kept = put_back(store, PROJECT, STACK, state("old"), _with("right"), registry, NAME)
    assert kept == backup_key(PROJECT, STACK, NAME)
    assert (store[STATE], store[kept]) == (state("old"), state("new"))
    lock, *between, unlock = store.writes
    assert between == [kept, STATE]
    assert lock == unlock
    assert lock.startswith(locks_prefix(PROJECT, STACK))


@pytest.mark.parametrize(
    ("body", "passphrase", "says"),
    [
        (b"no json", "right", "not a state file"),
        (b"[]", "right", "not a state file"),
        (state("a", stack="organization/sample-store/prod"), "right", "is the state of organization/sample-store/prod"),
        (state("a"), "wrong", "do not open this copy"),
    ],
)
def test_what_is_unfit_changes_nothing(registry: RunRegistry, body: bytes, passphrase: str, says: str) -> None:
    store = Objects({STATE: state("new")})
    with pytest.raises(UnfitError, match=says):
        put_back(store, PROJECT, STACK, body, _with(passphrase), registry, NAME)
    assert not store.writes


def test_nothing_is_put_back_while_somebody_holds_the_stack(registry: RunRegistry) -> None:
    lock = {"pid": 1, "username": "else", "hostname": "elsewhere", "timestamp": "2027-01-15T08:00:00Z"}
    store = Objects({STATE: state("new"), f"{locks_prefix(PROJECT, STACK)}1.json": json.dumps(lock).encode()})
    with pytest.raises(HeldError, match="locked by else@elsewhere"):
        put_back(store, PROJECT, STACK, state("old"), _with("right"), registry, NAME)
    assert store[STATE] == state("new")
