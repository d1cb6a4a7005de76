"""Which image a workload of compute runs."""

from collections.abc import Mapping

import pulumi
import pytest

from tests.unit.iac.pulumi_mocks import record
from tradai_blueprints.tradai.layers.compute.images import image_uri

DIGEST = "sha256:" + "a" * 64


def uri(component: str, repositories: Mapping[str, str], digests: Mapping[str, str]) -> str:
    seen: list[str] = []

    def body() -> None:
        image_uri(component, pulumi.Output.from_input(repositories), digests).apply(seen.append)

    record(body, "tradai-compute", "dev")
    return seen[0]


def test_an_image_is_its_repository_and_a_digest() -> None:
    assert uri("mlflow", {"mlflow": "registry/tradai/mlflow-dev"}, {"mlflow": DIGEST}) == (
        f"registry/tradai/mlflow-dev@{DIGEST}"
    )


def test_an_image_without_digest_is_named() -> None:
    with pytest.raises(KeyError, match="no image of mlflow: push one"):
        image_uri("mlflow", {"mlflow": "registry/tradai/mlflow-dev"}, {"backend": DIGEST})


def test_an_image_without_repository_is_named() -> None:
    with pytest.raises(Exception, match="no repository of mlflow"):
        uri("mlflow", {"backend": "registry/tradai/backend-dev"}, {"mlflow": DIGEST})
