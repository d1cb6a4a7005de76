"""Images in ECR, looked up and put over the real client: what is there, what is missing, what is neither."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.integration.conftest import RunningSandbox
from tradai_iac.images.registry import EcrRegistry
from tradai_iac.images.standin import stand_in
from tradai_iac.images.wanted import Registry, WantedImage
from tradai_operator.adapters.aws.ecr import EcrImages

ACCOUNT, REGION = "123456789012", "eu-central-1"


def image(component: str, tag: str = "latest") -> WantedImage:
    return WantedImage(component=component, kind="service", repository=f"tradai/{component}-eph-img", tag=tag)


def registry(endpoint: str, **changes: Any) -> Registry:
    place = {"account_id": ACCOUNT, "region": REGION, "environment": "eph-img", "endpoint_url": endpoint}
    return Registry.model_validate(place | changes)


def create(endpoint: str, component: str, **credentials: str) -> None:
    make: Any = boto3.client
    client = make("ecr", region_name=REGION, endpoint_url=endpoint, **credentials)
    with contextlib.suppress(client.exceptions.RepositoryAlreadyExistsException):
        client.create_repository(repositoryName=image(component).repository)


@pytest.fixture
def endpoint(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    create(sandbox.endpoint, "backend")
    return sandbox.endpoint


@pytest.fixture
def silent() -> Iterator[str]:
    """An endpoint that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_what_is_there_has_a_digest_and_the_rest_is_missing(endpoint: str) -> None:
    ecr = EcrRegistry(registry(endpoint))
    ecr.put(image("backend", "1"), stand_in("backend", "a"))
    wanted = (image("backend", "1"), image("backend", "2"), image("nowhere"))
    answer = asyncio.run(EcrImages().resolve(registry(endpoint), wanted))
    assert answer.found == {"backend": stand_in("backend", "a").digest}
    assert answer.missing == wanted[1:]
    assert answer.failure is None


def test_the_same_push_twice_is_one_image_and_another_content_moves_the_tag(endpoint: str) -> None:
    ecr = EcrRegistry(registry(endpoint))
    digests = []
    for content in ("a", "a", "b", "a"):
        ecr.put(image("backend", "moving"), stand_in("backend", content))
        digests.append(ecr.digest(image("backend", "moving")))
    assert digests[0] == digests[1] == digests[3] != digests[2]


def test_the_stand_in_is_kept_as_it_was_put(endpoint: str) -> None:
    made = stand_in("backend", "kept")
    EcrRegistry(registry(endpoint)).put(image("backend", "kept"), made)
    make: Any = boto3.client
    client = make("ecr", region_name=REGION, endpoint_url=endpoint)
    found = client.batch_get_image(repositoryName=image("backend").repository, imageIds=[{"imageTag": "kept"}])
    assert found["images"][0]["imageManifest"] == made.manifest
    assert found["images"][0]["imageManifestMediaType"] == made.media_type


def test_images_of_another_account_are_missing(endpoint: str) -> None:
    ecr = EcrRegistry(registry(endpoint))
    ecr.put(image("backend", "mine"), stand_in("backend", "a"))
    answer = EcrRegistry(registry(endpoint, account_id="210987654321")).resolve([image("backend", "mine")])
    assert answer.missing == (image("backend", "mine"),)


def test_the_role_of_the_spec_is_assumed(endpoint: str) -> None:
    other, role = "210987654321", "arn:aws:iam::210987654321:role/tradai-deploy"
    make: Any = boto3.client
    key = make("sts", region_name=REGION, endpoint_url=endpoint).assume_role(RoleArn=role, RoleSessionName="test")
    create(
        endpoint,
        "backend",
        aws_access_key_id=key["Credentials"]["AccessKeyId"],
        aws_secret_access_key=key["Credentials"]["SecretAccessKey"],
        aws_session_token=key["Credentials"]["SessionToken"],
    )
    place = registry(endpoint, account_id=other, assume_role_arn=role, external_id="tradai/dev")
    theirs = EcrRegistry(place)
    theirs.put(image("backend", "theirs"), stand_in("backend", "theirs"))
    assert theirs.resolve([image("backend", "theirs")]).found
    assert EcrRegistry(registry(endpoint)).resolve([image("backend", "theirs")]).missing


def test_an_endpoint_that_is_not_there_is_a_failure_and_not_a_missing_image(endpoint: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    answer = EcrRegistry(registry(f"http://127.0.0.1:{port}")).resolve([image("backend")])
    assert (answer.found, answer.missing) == ({}, ())
    assert answer.failure is not None
    assert answer.failure.kind == "Network"


def test_an_endpoint_that_says_nothing_is_given_up_in_time(endpoint: str, silent: str) -> None:
    answer = EcrRegistry(registry(silent)).resolve([image("backend")], timeout=0.2)
    assert answer.failure is not None
    assert answer.failure.kind == "Network"


@pytest.mark.parametrize("role", [None, "arn:aws:iam::123456789012:role/tradai-deploy"])
def test_no_credentials_are_a_failure_of_their_own(
    endpoint: str, role: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    answer = EcrRegistry(registry(endpoint, assume_role_arn=role)).resolve([image("backend")])
    assert answer.failure is not None
    assert answer.failure.kind == "Credentials"
