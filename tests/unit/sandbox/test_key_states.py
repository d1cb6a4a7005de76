"""A key that is disabled, or is to be deleted, serves nobody, and what it has encrypted says which key it was."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.kms.models import KmsBackend

from tradai_iac.iam.calls import Request, rights_of
from tradai_sandbox.aws.enforced.resources import MotoResources
from tradai_sandbox.moto_ext.gaps import kms


@pytest.fixture
def client() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("encrypt", "decrypt", *kms._BY_ARN):
            patch.setattr(KmsBackend, name, getattr(KmsBackend, name))
        kms.repair()
        with mock_aws():
            yield boto3.client("kms", region_name="eu-central-1")


@pytest.fixture
def key(client: Any) -> str:
    return str(client.create_key()["KeyMetadata"]["Arn"])


def test_a_key_that_serves_opens_what_it_has_encrypted(client: Any, key: str) -> None:
    blob = client.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"


@pytest.mark.parametrize(
    ("change", "back", "code"),
    [
        (("disable_key", {}), (), "DisabledException"),
        (("schedule_key_deletion", {"PendingWindowInDays": 7}), ("cancel_key_deletion",), "KMSInvalidStateException"),
    ],
)
def test_one_that_does_not_serves_again_once_it_is_enabled(
    client: Any, key: str, change: tuple[str, Any], back: tuple[str, ...], code: str
) -> None:
    blob = client.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    getattr(client, change[0])(KeyId=key, **change[1])
    uses: tuple[Callable[[], Any], ...] = (
        lambda: client.encrypt(KeyId=key, Plaintext=b"x"),
        lambda: client.decrypt(CiphertextBlob=blob),
    )
    for use in uses:
        with pytest.raises(ClientError, match=code):
            use()
    for word in (*back, "enable_key"):
        getattr(client, word)(KeyId=key)
    assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"


def test_a_right_to_decrypt_is_asked_for_on_the_key_that_has_encrypted(client: Any, key: str) -> None:
    blob = client.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    request = Request("kms", "Decrypt", {"CiphertextBlob": b64encode(blob).decode()})
    assert [right.resource for right in rights_of(MotoResources().completed(request))] == [key]
