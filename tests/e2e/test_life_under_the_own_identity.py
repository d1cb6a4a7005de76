"""A life of the persistent layer under the operator's own identity as the account's script makes it, each call held
against its policies: state bucket and key as itself, everything else by the step into the deploy role.

One story in one sandbox, because each step stands on the one before it.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.deploy_role import make_deploy_role
from tests.e2e.environment import Deployed, condition, example
from tests.e2e.inventory import inventory
from tests.e2e.operators import Operator, running, without_operator
from tests.own_identity import NAME, make_key, make_own_identity
from tradai_runner.bucket.keys import state_key
from tradai_sandbox import lifecycle

STATES = "tradai-pulumi-state-dev"
LATER = {name: {"enabled": False} for name in ("foundation", "compute", "edge")}
EVERYTHING = "tradai.io/confirm-destroy=dev"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with without_operator(tmp_path_factory.mktemp("own")) as made:
        lifecycle.up(made.layout.root, print, with_operator=False, enforce_iam=True)
        yield made


@pytest.fixture(scope="module")
def key(sandbox: Deployed) -> str:
    return make_key(sandbox.clients)


@pytest.fixture(scope="module")
def identity(sandbox: Deployed, key: str) -> dict[str, str]:
    return make_own_identity(sandbox.clients, "dev", key)


@pytest.fixture(scope="module")
def manifest(sandbox: Deployed, key: str) -> dict[str, Any]:
    spec = example("dev")["spec"]
    aws = {**spec["aws"], "assumeRoleArn": make_deploy_role(sandbox.clients, "dev")}
    state = {**spec["state"], "secrets": {"awskms": key}}
    return example("dev", aws=aws, state=state, layers=LATER, approval="Never", deletionPolicy="Everything")


@pytest.fixture(scope="module")
def built(sandbox: Deployed, manifest: dict[str, Any], identity: dict[str, str]) -> Iterator[Deployed]:
    own = Operator(sandbox, "own", **identity)
    with running(own):
        sandbox.apply(manifest)
        sandbox.ready("dev")
        yield sandbox


def as_itself(sandbox: Deployed, identity: dict[str, str], service: str) -> Any:
    make: Any = boto3.client  # its stubs know each service by a literal name
    return make(
        service,
        endpoint_url=sandbox.env["AWS_ENDPOINT_URL"],
        region_name=sandbox.env["AWS_DEFAULT_REGION"],
        aws_access_key_id=identity["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=identity["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=identity["AWS_SESSION_TOKEN"],
    )


def test_it_builds_by_the_role_and_keeps_the_state_as_itself(built: Deployed, key: str) -> None:
    assert len(inventory(built.clients)["tables"]) == 12
    body = built.clients("s3").get_object(Bucket=STATES, Key=state_key("tradai-persistent", "dev"))["Body"].read()
    assert f"awskms:///{key}".encode() in body
    assert condition(built.status("dev"), "Preflight") == "True"


def test_it_may_not_do_what_its_policies_do_not_say(built: Deployed, identity: dict[str, str]) -> None:
    """So that what was built was built under enforcement."""
    refused: tuple[Callable[[], Any], ...] = (
        lambda: as_itself(built, identity, "s3").list_objects_v2(Bucket="tradai-pulumi-state-prod"),
        lambda: as_itself(built, identity, "s3").delete_bucket(Bucket=STATES),
        lambda: as_itself(built, identity, "dynamodb").list_tables(),
        lambda: as_itself(built, identity, "kms").encrypt(KeyId=make_key(built.clients), Plaintext=b"x"),
    )
    for call in refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            call()


def test_it_changes_what_stands_and_looks_for_drift(built: Deployed, manifest: dict[str, Any]) -> None:
    layers = LATER | {"persistent": {"config": {"strategyRepositories": ["momentum"]}}}
    built.apply({**manifest, "spec": {**manifest["spec"], "layers": layers}})
    built.ready("dev")
    assert "tradai/momentum-dev" in inventory(built.clients)["repositories"]
    built.tradai("drift", "dev", "--now")


def test_without_its_right_to_the_key_nothing_runs_and_the_key_is_named(
    built: Deployed, manifest: dict[str, Any]
) -> None:
    iam = built.clients("iam")
    policy = iam.get_role_policy(RoleName=NAME, PolicyName="state-key")["PolicyDocument"]
    iam.delete_role_policy(RoleName=NAME, PolicyName="state-key")
    built.apply({**manifest, "spec": {**manifest["spec"], "layers": LATER}})
    built.until("the key to be missed", lambda: "kms:" in built.status("dev")["message"])
    failed = next(layer for layer in built.status("dev")["layers"] if layer["name"] == "persistent")
    assert failed["failure"]["kind"] == "StateKey"
    iam.put_role_policy(RoleName=NAME, PolicyName="state-key", PolicyDocument=json.dumps(policy))
    built.tradai("retry", "dev")
    built.ready("dev")


def test_it_takes_everything_down(built: Deployed) -> None:
    built.kubectl("delete", "tradaienv", "dev", "-n", "tradai", "--wait=false")
    built.kubectl("annotate", "tradaienv", "dev", "-n", "tradai", EVERYTHING)
    built.gone("dev")
    assert not inventory(built.clients)["tables"]
