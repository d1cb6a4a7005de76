"""What the endpoint holds of a state that is written again and again is bounded: versions, files, memory."""

from typing import Any

import psutil
import pytest

from tests.integration.conftest import RunningSandbox
from tradai_blueprints.tradai.config.storage import STORAGE
from tradai_sandbox.services import aws
from tradai_sandbox.state import load

BUCKET, KEY = "endpoint-memory", ".pulumi/stacks/a/b.json"
WRITES, BYTES = 240, 500_000
KEPT = STORAGE.old_states.newest + 1


@pytest.fixture(scope="module")
def endpoint(sandbox: RunningSandbox) -> psutil.Process:
    state = load(sandbox.layout.state)
    assert state is not None
    return psutil.Process(state.processes[aws.NAME].mark.pid)


@pytest.fixture(scope="module")
def s3(sandbox: RunningSandbox) -> Any:
    client = sandbox.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    client.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=STORAGE.old_states.in_s3)
    return client


def body(number: int) -> bytes:
    return f"{number:08}".encode() * (BYTES // 8)


def bodies(sandbox: RunningSandbox) -> int:
    """Bytes of what objects contain, as files."""
    return sum(file.stat().st_size for file in sandbox.layout.objects.iterdir())


def test_a_state_that_is_written_often_takes_no_more_than_its_newest_versions(
    sandbox: RunningSandbox, s3: Any, endpoint: psutil.Process
) -> None:
    files, opened, memory = bodies(sandbox), endpoint.num_fds(), endpoint.memory_info().rss
    for number in range(WRITES):
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=body(number))
        if number % 20 == 0:
            s3.list_object_versions(Bucket=BUCKET)
    listed = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    found = {s3.get_object(Bucket=BUCKET, Key=KEY, VersionId=each["VersionId"])["Body"].read() for each in listed}
    assert found == {body(number) for number in range(WRITES - KEPT, WRITES)}
    assert bodies(sandbox) - files == KEPT * BYTES
    assert endpoint.num_fds() - opened < KEPT, "versions are no open files"
    assert endpoint.memory_info().rss - memory < WRITES * BYTES / 4, "nor are they memory"


def test_what_the_newest_versions_were_is_had_back_after_a_deletion(s3: Any) -> None:
    key = "lost"
    s3.put_object(Bucket=BUCKET, Key=key, Body=body(1))
    s3.delete_object(Bucket=BUCKET, Key=key)
    (version,) = s3.list_object_versions(Bucket=BUCKET, Prefix=key)["Versions"]
    s3.copy_object(Bucket=BUCKET, Key=key, CopySource={"Bucket": BUCKET, "Key": key, "VersionId": version["VersionId"]})
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body(1)
