"""What keeps less, as previews of the real engine show it: asked about for every property, and in the right words."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.integration.provider_server import moto_server, provider_environment

LESS = {
    "lowers retentionInDays of aws:cloudwatch/logGroup:LogGroup log: 90 → 7",
    "lowers messageRetentionSeconds of aws:sqs/queue:Queue queue: 1209600 → 60",
    "lowers recoveryWindowInDays of aws:secretsmanager/secret:Secret secret: 30 → 0",
    "switches off deletionProtection of aws:cognito/userPool:UserPool pool",
    "switches on ttl.enabled of aws:dynamodb/table:Table table; "
    "switches off pointInTimeRecovery.enabled of aws:dynamodb/table:Table table; "
    "switches off deletionProtectionEnabled of aws:dynamodb/table:Table table",
    "switches on forceDestroy of aws:s3/bucket:Bucket bucket",
    "lowers rules[first].expiration.days of "
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration ages: 90 → 30",
    "switches off versioningConfiguration.status of aws:s3/bucketVersioning:BucketVersioning versions",
    "switches on forceDelete of aws:ecr/repository:Repository images",
    "lowers policy.rules[1].selection.countNumber of aws:ecr/lifecyclePolicy:LifecyclePolicy expiry: 14 → 1",
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the planner made of each preview."""
    folder = tmp_path_factory.mktemp("safeguards")
    with moto_server() as url:
        env = os.environ | provider_environment(url, folder)
        command = [sys.executable, "-m", "tests.integration.safeguards_program", str(folder / "seen.json")]
        ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    found: dict[str, Any] = json.loads((folder / "seen.json").read_text())
    return found


def test_every_property_that_keeps_less_is_seen_in_a_real_preview(seen: dict[str, Any]) -> None:
    assert set(seen["less"]["destructive"]) == LESS


def test_the_same_and_more_ask_nobody(seen: dict[str, Any]) -> None:
    assert seen["same"] == {"destructive": [], "changes": []}
    assert seen["more"]["destructive"] == []
    assert len(seen["more"]["changes"]) == len(LESS)


def test_a_lifecycle_for_what_stands_is_asked_about_and_one_for_what_is_new_is_not(
    seen: dict[str, Any],
) -> None:
    (said,) = seen["lifecycle"]["destructive"]
    assert said.endswith("BucketLifecycleConfiguration late: never → 5")
    assert len(seen["lifecycle"]["changes"]) == 5


def test_another_region_reads_as_one(seen: dict[str, Any]) -> None:
    replaced = [change for change in seen["region"]["changes"] if change["operation"] == "replace"]
    assert replaced
    for change in replaced:
        told = [found for found in change["properties"] if found["replaces"]]
        assert [(found["path"], found["old"], found["new"]) for found in told] == [
            ("region", '"eu-central-1"', '"us-east-1"')
        ]
