"""The documents' commands on the real engine and AWS endpoint: protected data goes when everything was permitted."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tradai_iac.backend import engine_url

EXAMPLE = Path(__file__).parents[2] / "crds" / "examples" / "env-prod.yaml"
PHRASE = "destroy all data of prod"
MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "digest": f"sha256:{'a' * 64}",
        "size": 1,
    },
    "layers": [],
}


def infra(sandbox: RunningSandbox, *words: str, typed: str = "", status: int = 0) -> str:
    ran = subprocess.run(
        ["tradai", "infra", *words, *([] if "--file" in words else ["--file", str(EXAMPLE)])],
        env={**sandbox.env, "COLUMNS": "300"},
        input=f"{typed}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def production(sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    infra(sandbox, "up", "persistent", "prod")
    yield sandbox
    infra(sandbox, "teardown", "persistent", "prod", "--empty", "--lift-protection", typed=PHRASE)


def resources(sandbox: RunningSandbox) -> dict[str, list[str]]:
    buckets = [row["Name"] for row in sandbox.client("s3").list_buckets()["Buckets"]]
    repositories = sandbox.client("ecr").get_paginator("describe_repositories").paginate()
    return {
        "tables": [name for name in sandbox.client("dynamodb").list_tables()["TableNames"] if name.endswith("-prod")],
        "buckets": [name for name in buckets if name.endswith("-prod") and "state" not in name],
        "repositories": [
            row["repositoryName"]
            for page in repositories
            for row in page["repositories"]
            if row["repositoryName"].endswith("-prod")
        ],
        "pools": [
            row["Name"]
            for row in sandbox.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
            if row["Name"].endswith("-prod")
        ],
    }


def fill(sandbox: RunningSandbox) -> None:
    """Two versions and a delete marker in one bucket, an image in one repository."""
    s3: Any = sandbox.client("s3")
    for body in (b"old", b"newer"):
        s3.put_object(Bucket="tradai-configs-prod", Key="strategy.json", Body=body)
    s3.delete_object(Bucket="tradai-configs-prod", Key="strategy.json")
    sandbox.client("ecr").put_image(
        repositoryName="tradai/backend-prod", imageManifest=json.dumps(MANIFEST), imageTag="1"
    )


def test_protected_data_goes_only_when_all_of_it_was_permitted_and_typed(production: RunningSandbox) -> None:
    fill(production)
    before = resources(production)
    assert {kind: len(names) for kind, names in before.items()} == {
        "tables": 12, "buckets": 5, "repositories": 25, "pools": 1
    }  # fmt: skip

    refused = infra(production, "teardown", "persistent", "prod", typed=PHRASE, status=1)
    for said in (
        "--lift-protection", "--empty", "Table deployments", "UserPool users",
        "bucket tradai-configs-prod: 3 objects, 8 bytes", "repository tradai/backend-prod: 1 images",
    ):  # fmt: skip
        assert said in refused
    assert "bucket tradai-results-prod" not in refused

    for permitted in (["--empty"], ["--lift-protection"]):
        assert "nothing was done" in infra(production, "teardown", "persistent", "prod", *permitted, status=1)
    both = ["--empty", "--lift-protection"]
    assert "not confirmed" in infra(production, "teardown", "persistent", "prod", *both, typed="prod", status=1)
    assert "confirm that by hand" in infra(production, "teardown", "persistent", "prod", *both, "--yes", status=2)
    assert resources(production) == before
    versions = production.client("s3").list_object_versions(Bucket="tradai-configs-prod")
    assert len(versions["Versions"]) == 2

    told = infra(production, "teardown", "persistent", "prod", *both, typed=PHRASE)
    assert not any(resources(production).values())
    assert "left: bucket tradai-pulumi-state-prod" in told
    production.client("s3").head_bucket(Bucket="tradai-pulumi-state-prod")
    assert "prod has nothing left that persistent would destroy" in infra(production, "teardown", "persistent", "prod")


def test_outputs_are_shown_and_secrets_only_when_asked_for(production: RunningSandbox) -> None:
    infra(production, "up", "persistent", "prod")
    masked = json.loads(infra(production, "outputs", "prod", "--json"))
    assert masked["persistent"]["s3_configs_bucket_id"] == "tradai-configs-prod"
    assert masked["persistent"]["cognito_m2m_client_secret"] == "[secret]"
    assert masked["compute"] == {}
    clear = json.loads(infra(production, "outputs", "persistent", "prod", "--json", "--show-secrets"))
    secret = clear["persistent"]["cognito_m2m_client_secret"]
    assert secret != "[secret]"
    table = infra(production, "outputs", "prod")
    assert "[secret]" in table
    assert secret not in table


def unprotect(sandbox: RunningSandbox, urn: str) -> None:
    """What the hint says, word for word."""
    backend = engine_url("s3://tradai-pulumi-state-prod", "eu-central-1", sandbox.endpoint)
    folder = EXAMPLE.parents[2] / "iac" / "tradai_blueprints" / "tradai" / "layers" / "persistent"
    words = ["pulumi", "state", "unprotect", urn, "--stack", "prod", "--yes"]
    env = sandbox.env | {"PULUMI_BACKEND_URL": backend}
    ran = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_protected_repository_that_is_no_longer_declared_goes_as_the_hint_says(
    production: RunningSandbox, tmp_path: Path
) -> None:
    infra(production, "up", "persistent", "prod")
    body = yaml.safe_load(EXAMPLE.read_text())
    assert body["spec"]["layers"]["persistent"]["config"].pop("strategyRepositories") == ["momentum-v2"]
    fewer = tmp_path / "env.yaml"
    fewer.write_text(yaml.safe_dump(body))

    refused = infra(production, "up", "persistent", "prod", "--file", str(fewer), status=1)
    [policy] = set(re.findall(r"pulumi state unprotect '([^']+:LifecyclePolicy::momentum-v2)'", refused))
    assert "To keep it, declare it as it was." in refused
    assert "tradai/momentum-v2-prod" in resources(production)["repositories"]

    unprotect(production, policy)
    unprotect(production, policy.replace("lifecyclePolicy:LifecyclePolicy", "repository:Repository"))
    infra(production, "up", "persistent", "prod", "--file", str(fewer))
    assert "tradai/momentum-v2-prod" not in resources(production)["repositories"]
    assert len(resources(production)["repositories"]) == 24


def test_a_layer_whose_upstream_is_missing_says_what_it_waits_for(production: RunningSandbox) -> None:
    assert "compute: waits for persistent, foundation" in infra(
        production, "preview", "compute", "staging", "--file", str(EXAMPLE.with_name("env-staging.yaml"))
    )
