"""The part of the account's script that is about old versions, run as it is written, against the local endpoint."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration.aws_command import put_on_path
from tests.integration.provider_server import moto_server
from tradai_blueprints.tradai.config.storage import STORAGE
from tradai_iac.account_script import bootstrap_text
from tradai_iac.accounts import Account

ROOT = Path(__file__).parents[2]
BUCKET = "tradai-pulumi-state-dev"
REGION = "eu-central-1"
OURS = STORAGE.old_states.in_s3["Rules"]
OLDER = [{**OURS[0], "NoncurrentVersionExpiration": {"NoncurrentDays": 3}}]
THEIRS = [
    {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 400}},
    {
        "ID": "other",
        "Status": "Disabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def s3(endpoint: str) -> Iterator[Any]:
    make: Any = boto3.client  # its stubs know each service by a literal name
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    client = make("s3", endpoint_url=endpoint, region_name=REGION, **keys)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield client
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("script")
    text = bootstrap_text(Account(account_id="123456789012", region=REGION, environment="dev"), "id-1")
    head = re.search(r"^set -euo pipefail$", text, re.M)
    work = re.search(r"^work=.*\ntrap .*$", text, re.M)
    part = re.search(r"^# Old versions.*?\n\n", text, re.M | re.S)
    assert head and work and part
    (folder / "part.sh").write_text("\n".join(found[0] for found in (head, work, part)))
    put_on_path(folder, ROOT)
    return folder / "part.sh"


def prepare(script: Path, endpoint: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "PATH": f"{script.parent}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": REGION,
        **more,
    }
    return subprocess.run(["bash", str(script)], env=env, text=True, capture_output=True, check=False, timeout=120)


@pytest.mark.parametrize("before", [[], THEIRS, OLDER, OURS, [*OLDER, *THEIRS], [*OURS, *THEIRS]])
def test_the_bucket_comes_to_the_rule_and_keeps_those_of_others(
    s3: Any, endpoint: str, script: Path, before: list[dict[str, Any]]
) -> None:
    if before:
        s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": before})
    for _ in range(2):
        ran = prepare(script, endpoint)
        kept = [rule for rule in before if rule in THEIRS]
        assert (ran.returncode, "has lifecycle rules of others" in ran.stderr) == (0, bool(kept)), ran.stderr
        rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
        assert rules == [*kept, *OURS]


def test_rules_that_cannot_be_read_are_not_written_over(endpoint: str, script: Path) -> None:
    ran = prepare(script, endpoint)
    assert ran.returncode == 1
    assert "NoSuchBucket" in ran.stderr, "there is none, and that is not to say that it has no rules"
