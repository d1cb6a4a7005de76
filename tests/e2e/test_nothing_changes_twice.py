"""What is deployed stays: neither a refresh nor a second update changes anything.

Judged over plain AWS calls and by what the states hold before and after.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.documents.manifests import as_documented
from tests.e2e.conftest import Documented
from tests.e2e.environment import STAGES, Deployed
from tests.e2e.inventory import inventory
from tests.e2e.recorded import LAYERS, resources

#: The key by which the engine marks a secret or an archive.
MARK = "4dabf18193072939515e22adb298388d"
PLACES = [(stage, layer) for stage in STAGES for layer in LAYERS]


@pytest.fixture(scope="module")
def secrets(documented: Documented, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The values of the Secret that the manifests name, as `tradai infra` takes them."""
    folder = tmp_path_factory.mktemp("secrets")
    sandbox = documented.having()
    for key, value in (sandbox.seen.secret("tradai-secrets") or {}).items():
        (folder / key).write_text(value)
    return folder


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `env-STAGE.yaml` of each."""
    folder = tmp_path_factory.mktemp("manifests")
    for stage in STAGES:
        (folder / f"env-{stage}.yaml").write_text(json.dumps(as_documented(stage)))
    return folder


def held(deployed: Deployed, stage: str) -> dict[str, Any]:
    """URN → id and inputs of everything in an environment's states.

    No outputs: some are only there once a later resource is (a target group's load balancer, a user pool's domain).
    """
    return {r["urn"]: _opened([r.get("id"), r.get("inputs")]) for r in resources(deployed.clients, stage)}


def _opened(value: Any) -> Any:
    """A secret is encrypted anew each time, and of an archive the engine keeps now the texts, now the hash alone."""
    match value:
        case dict() if MARK in value:
            return [value[MARK], value.get("hash")]
        case dict():
            return {key: _opened(of) for key, of in value.items()}
        case list():
            return [_opened(of) for of in value]
        case _:
            return value


def summary(printed: str) -> list[str]:
    """The engine's count of what it did: ["67 unchanged"]."""
    return [
        line.strip() for line in printed.rpartition("Resources:")[2].split("Duration:")[0].splitlines() if line.strip()
    ]


@pytest.mark.parametrize(("stage", "layer"), PLACES, ids=[f"{stage} {layer}" for stage, layer in PLACES])
def test_a_refresh_and_a_second_update_change_nothing(
    deployed: Deployed, secrets: Path, manifests: Path, stage: str, layer: str
) -> None:
    manifest = str(manifests / f"env-{stage}.yaml")
    there, before = inventory(deployed.clients), held(deployed, stage)

    refreshed = summary(deployed.tradai("infra", "refresh", layer, stage, "--file", manifest))
    read_back = held(deployed, stage)
    updated = summary(deployed.tradai("infra", "up", layer, stage, "--file", manifest, "--secrets-dir", str(secrets)))

    assert [len(refreshed), len(updated)] == [1, 1], [refreshed, updated]
    assert refreshed[0].endswith("unchanged")
    assert updated[0].endswith("unchanged")
    assert {urn for urn, each in read_back.items() if each != before.get(urn)} == set()
    assert held(deployed, stage) == before
    assert inventory(deployed.clients) == there
