"""Images without a registry: which are wanted, what stands in for them, how an engine is asked."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.images.engine import ENGINES, CommandEngine
from tradai_iac.images.push import Built, Outcome, folder_of, push_all
from tradai_iac.images.registry import EcrRegistry, Login
from tradai_iac.images.standin import stand_in
from tradai_iac.images.wanted import Registry, WantedImage, wanted_images

PLACE = Registry(account_id="123456789012", region="eu-central-1", environment="dev")
SERVER = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
HEALTH = WantedImage(component="health-check", kind="lambda", repository="tradai/health-check-dev", tag="1")
BACKEND = WantedImage(
    component="backend", kind="service", repository="tradai/backend-dev", tag="1", folder="services/backend-api"
)
MLFLOW = WantedImage(component="mlflow", kind="service", repository="tradai/mlflow-dev", tag="1")


def test_compute_wants_an_image_for_each_function_and_service() -> None:
    config = ComputeConfig.model_validate({"imageTag": "7", "services": {"mlflow": {"imageTag": "3"}}})
    wanted = {image.component: image for image in wanted_images(TRADAI, "compute", config, "prod")}
    assert len(wanted) == 23
    assert wanted["health-check"].name == "tradai/health-check-prod:7"
    assert wanted["mlflow"].name == "tradai/mlflow-prod:3"
    assert "update-nat-routes" not in wanted, "its code is part of the program"
    assert wanted["backend"].folder == "services/backend-api", "the first service that runs it has its Dockerfile"


@pytest.mark.parametrize("layer", ["persistent", "foundation", "edge"])
def test_the_other_layers_want_none(layer: str) -> None:
    assert wanted_images(TRADAI, layer, TRADAI.layer(layer).config(), "dev") == ()


@pytest.mark.parametrize(
    ("endpoint", "local"),
    [
        (None, False),
        ("http://127.0.0.1:5000", True),
        ("http://localhost:5000", True),
        ("http://[::1]:5000", True),
        ("https://vpce-1.api.ecr.eu-central-1.vpce.amazonaws.com", False),
        ("http://10.0.0.1", False),
        ("https://localhost.example.com", False),
    ],
)
def test_only_loopback_takes_stand_ins(endpoint: str | None, local: bool) -> None:
    assert PLACE.model_copy(update={"endpoint_url": endpoint}).is_local is local


def test_a_stand_in_refers_to_its_blobs_by_their_true_digests() -> None:
    made = stand_in("backend", "a")
    manifest = json.loads(made.manifest)
    for described, blob in ((manifest["config"], made.config), (manifest["layers"][0], made.layer)):
        assert described["digest"] == f"sha256:{hashlib.sha256(blob).hexdigest()}"
        assert described["size"] == len(blob)
    with tarfile.open(fileobj=io.BytesIO(made.layer), mode="r:gz") as tar:
        entry = tar.extractfile("stand-in")
        assert entry is not None
        assert entry.read() == b"stand-in of backend: a\n"
    assert json.loads(made.config)["architecture"] == "amd64"


def test_stand_ins_differ_by_component_and_content_alone() -> None:
    assert stand_in("backend", "a") == stand_in("backend", "a")
    digests = {stand_in(name, content).digest for name in ("backend", "mlflow") for content in ("a", "b")}
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("image", "folder"),
    [(HEALTH, "lambdas/health_check"), (BACKEND, "services/backend-api"), (MLFLOW, "services/mlflow")],
)
def test_an_image_is_built_where_its_source_is(image: WantedImage, folder: str) -> None:
    assert folder_of(image) == Path(folder)


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install(folder: Path, name: str, status: int = 0) -> Path:
    """An engine that writes down its arguments and its input; gives the file."""
    told = folder.parent / f"{name}.txt"
    engine = folder / name
    engine.write_text(
        f'#!/bin/sh\necho "arguments: $*" >> {told}\n'
        f'[ "$1" = login ] && read -r line; [ -n "$line" ] && echo "input: $line" >> {told}\nexit {status}\n'
    )
    engine.chmod(0o755)
    return told


def source(root: Path, *images: WantedImage) -> Path:
    for image in images:
        folder = root / folder_of(image)
        folder.mkdir(parents=True)
        (folder / "Dockerfile").write_text("FROM scratch\n")
    return root


class Pushes:
    """A registry that has what was pushed, and two repositories."""

    def __init__(self, *pushed: WantedImage) -> None:
        self._pushed = pushed

    def has_repository(self, image: WantedImage) -> bool:
        return image.repository in {HEALTH.repository, BACKEND.repository}

    def digest(self, image: WantedImage) -> str | None:
        return f"sha256:{image.component}" if image in self._pushed else None

    def login(self) -> Login:
        return Login(SERVER, "AWS", "p4ssw0rd")


def pushed(registry: Any, root: Path, images: Iterable[WantedImage]) -> list[Outcome]:
    return list(push_all(list(images), registry, Built(registry, CommandEngine.find(), root)))


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_signs_in_once_then_builds_and_pushes_each(engine: str, on_path: Path, tmp_path: Path) -> None:
    told = install(on_path, engine)
    root = source(tmp_path / "checkout", HEALTH, BACKEND)
    outcomes = pushed(Pushes(HEALTH, BACKEND), root, [HEALTH, BACKEND])
    assert outcomes == [Outcome(HEALTH, "sha256:health-check"), Outcome(BACKEND, "sha256:backend")]
    extras = " ".join(ENGINES[engine])

    def build(image: WantedImage) -> str:
        file = root / folder_of(image) / "Dockerfile"
        options = f"--platform linux/amd64 {extras} --file {file} --tag {SERVER}/{image.name}"
        return f"arguments: build {options} {root}"

    assert told.read_text().splitlines() == [
        f"arguments: login --username AWS --password-stdin {SERVER}",
        "input: p4ssw0rd",
        build(HEALTH),
        f"arguments: push {SERVER}/{HEALTH.name}",
        build(BACKEND),
        f"arguments: push {SERVER}/{BACKEND.name}",
    ]


def test_the_first_engine_that_is_there_is_taken(on_path: Path) -> None:
    assert CommandEngine.find() is None
    install(on_path, "buildah")
    install(on_path, "podman")
    found = CommandEngine.find()
    assert found is not None
    assert os.fspath(on_path / "podman") == found.command


@pytest.mark.parametrize(
    ("image", "engine", "has_source", "said"),
    [
        (HEALTH, "docker", False, "there is no lambdas/health_check/Dockerfile"),
        (HEALTH, None, True, "no container engine is on PATH: install docker, podman, buildah"),
        (HEALTH, "docker", True, "the registry does not have it"),
        (HEALTH.model_copy(update={"repository": "tradai/x-dev"}), "docker", True, "the persistent layer creates it"),
    ],
    ids=["no Dockerfile", "no engine", "a push that left nothing", "no repository"],
)
def test_what_is_missing_is_named(
    image: WantedImage, engine: str | None, has_source: bool, said: str, on_path: Path, tmp_path: Path
) -> None:
    if engine:
        install(on_path, engine)
    root = source(tmp_path / "checkout", *([image] if has_source else []))
    (outcome,) = pushed(Pushes(), root, [image])
    assert said in outcome.error
    assert not outcome.digest


def test_one_image_that_fails_does_not_hide_the_others(on_path: Path, tmp_path: Path) -> None:
    install(on_path, "docker")
    root = source(tmp_path / "checkout", BACKEND)
    first, second = pushed(Pushes(BACKEND), root, [HEALTH, BACKEND])
    assert first.error
    assert second == Outcome(BACKEND, "sha256:backend")


def test_an_engine_that_refuses_is_named_with_what_it_did(on_path: Path, tmp_path: Path) -> None:
    install(on_path, "docker", status=3)
    (outcome,) = pushed(Pushes(BACKEND), source(tmp_path / "checkout", BACKEND), [BACKEND])
    assert outcome.error == "docker login ended with status 3; what it said is above"


def test_a_password_is_shown_nowhere() -> None:
    assert "p4ssw0rd" not in repr(Pushes().login())


@pytest.mark.parametrize(
    ("code", "kind"),
    [("ThrottlingException", "Throttled"), ("AccessDeniedException", "Credentials"), ("ServerException", "Provider")],
)
def test_what_aws_refuses_is_a_failure_with_its_kind_and_never_a_missing_image(
    code: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    registry = EcrRegistry(PLACE)
    with Stubber(registry._client) as stubber:
        stubber.add_client_error("describe_images", code, "no", response_meta={"RequestId": "req-1"})
        answer = registry.resolve([BACKEND])
    assert (answer.found, answer.missing) == ({}, ())
    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.request_id) == (kind, "req-1")
