"""One life of the whole of `tradai` as the deploy role that the account's script makes, each call held against its
policies: built, looked at, changed, deleted.

One story in one sandbox, because each step stands on the one before it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.deploy_role import EXTERNAL_ID, make_deploy_role
from tests.e2e.environment import Deployed, condition, example
from tests.e2e.inventory import inventory
from tradai_sandbox import lifecycle

DATABASE_GOES = "tradai.io/confirm-destroy=instance/database"


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Iterator[Deployed]:
    made = new_sandbox()
    lifecycle.up(made.layout.root, print, enforce_iam=True)
    yield made


@pytest.fixture(scope="module")
def manifest(sandbox: Deployed) -> dict[str, Any]:
    aws = example("dev")["spec"]["aws"]
    return example("dev", aws={**aws, "assumeRoleArn": make_deploy_role(sandbox.clients, "dev")})


@pytest.fixture(scope="module")
def built(sandbox: Deployed, manifest: dict[str, Any]) -> Deployed:
    sandbox.apply(manifest)
    sandbox.push_images("dev")
    sandbox.ready("dev")
    return sandbox


def test_the_role_builds_everything(built: Deployed) -> None:
    assert built.status("dev")["layersText"] == "4/4"
    found = inventory(built.clients)
    assert len(found["tables"]) == 12
    assert len(found["repositories"]) == 24


def test_the_role_may_not_do_what_its_policies_do_not_say(built: Deployed, manifest: dict[str, Any]) -> None:
    """So that what was built was built under enforcement."""
    role = manifest["spec"]["aws"]["assumeRoleArn"]
    sts = built.clients("sts")
    key = sts.assume_role(RoleArn=role, RoleSessionName="test", ExternalId=EXTERNAL_ID)["Credentials"]
    as_the_role: Any = boto3.client(
        "s3",
        endpoint_url=built.env["AWS_ENDPOINT_URL"],
        region_name=built.env["AWS_DEFAULT_REGION"],
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key["SessionToken"],
    )
    with pytest.raises(ClientError, match="explicit deny"):
        as_the_role.delete_bucket(Bucket="tradai-pulumi-state-dev")


def test_the_role_changes_what_stands(built: Deployed, manifest: dict[str, Any]) -> None:
    layers = manifest["spec"]["layers"] | {"persistent": {"config": {"strategyRepositories": ["momentum"]}}}
    built.apply({**manifest, "spec": {**manifest["spec"], "layers": layers}})
    built.ready("dev")
    assert "tradai/momentum-dev" in inventory(built.clients)["repositories"]


def test_the_role_takes_down_all_but_the_data(built: Deployed) -> None:
    built.kubectl("delete", "tradaienv", "dev", "-n", "tradai", "--wait=false")
    built.until("the database to wait for its name", lambda: "instance/database" in built.status("dev")["message"])
    assert condition(built.status("dev"), "Stalled") == "True"
    built.kubectl("annotate", "tradaienv", "dev", "-n", "tradai", DATABASE_GOES)
    built.gone("dev")
    assert not inventory(built.clients)["vpcs"]
