"""What objects contain lies in files of the endpoint, not in its memory, and none of those files stays open."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.core.common_models import BaseModel
from moto.s3 import models

from tradai_sandbox.aws.bodies import LARGE, Body, keep_bodies
from tradai_sandbox.aws.dispatch import remember_no_models

BUCKET = "b-x"
LONG = b"0123456789abcdef" * (LARGE // 8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(models, "tempfile", models.tempfile)  # type: ignore[attr-defined]
    monkeypatch.setattr(models.FakeKey, "__deepcopy__", None, raising=False)
    keep_bodies(tmp_path / "objects")
    return tmp_path / "objects"


@pytest.fixture
def client(folder: Path) -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def versioned(client: Any) -> Any:
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def body(number: int) -> bytes:
    return str(number).encode() + LONG


def files(folder: Path) -> int:
    return len(list(folder.iterdir()))


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def put(client: Any, *bodies: bytes, key: str = "k") -> list[str]:
    return [client.put_object(Bucket=BUCKET, Key=key, Body=each).get("VersionId", "") for each in bodies]


def got(client: Any, **which: str) -> bytes:
    return bytes(client.get_object(Bucket=BUCKET, Key="k", **which)["Body"].read())


def test_each_version_of_a_large_object_is_a_file_that_nobody_holds_open(versioned: Any, folder: Path) -> None:
    put(versioned, body(0))
    before = open_files()
    ids = put(versioned, *map(body, range(1, 60)))
    assert open_files() == before
    assert files(folder) == 60
    assert [got(versioned, VersionId=id_) for id_ in ids] == [*map(body, range(1, 60))]


def test_a_small_object_needs_no_file(client: Any, folder: Path) -> None:
    put(client, b"small")
    assert (got(client), files(folder)) == (b"small", 0)


def test_a_listing_of_versions_copies_none_of_them(versioned: Any, folder: Path) -> None:
    ids = put(versioned, *map(body, range(5)))
    for _ in range(3):
        listed = versioned.list_object_versions(Bucket=BUCKET)["Versions"]
        assert [each["VersionId"] for each in listed if each["IsLatest"]] == [ids[-1]]
        assert {each["VersionId"] for each in listed} == set(ids)
    assert files(folder) == 5
    assert [got(versioned, VersionId=id_) for id_ in ids] == [*map(body, range(5))]


def test_what_is_written_over_or_deleted_leaves_no_file(client: Any, folder: Path) -> None:
    put(client, body(0), body(1))
    assert (got(client), files(folder)) == (body(1), 1)
    client.delete_object(Bucket=BUCKET, Key="k")
    assert files(folder) == 0


def test_a_deleted_version_leaves_no_file_and_the_others_stay(versioned: Any, folder: Path) -> None:
    first, second = put(versioned, body(0), body(1))
    versioned.delete_object(Bucket=BUCKET, Key="k", VersionId=second)
    assert files(folder) == 1
    assert got(versioned) == got(versioned, VersionId=first) == body(0)


def test_a_part_of_a_body_its_copy_and_its_digest_are_right(client: Any) -> None:
    (said,) = {client.put_object(Bucket=BUCKET, Key="k", Body=body(7))["ETag"]}
    assert got(client, Range="bytes=0-2") == body(7)[:3]
    client.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "k"})
    assert client.head_object(Bucket=BUCKET, Key="copy")["ETag"] == said
    client.delete_object(Bucket=BUCKET, Key="k")
    assert client.get_object(Bucket=BUCKET, Key="copy")["Body"].read() == body(7)


def test_an_object_in_parts_is_whole(client: Any) -> None:
    parts = [b"a" * (5 << 20), b"b" * LARGE]
    upload = client.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    where = {"Bucket": BUCKET, "Key": "k", "UploadId": upload}
    tags = [client.upload_part(**where, PartNumber=n, Body=each)["ETag"] for n, each in enumerate(parts, 1)]
    told = [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, 1)]
    client.complete_multipart_upload(**where, MultipartUpload={"Parts": told})
    assert got(client) == b"".join(parts)


def test_only_bodies_of_an_endpoint_that_is_gone_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("somebody's")
    old = Body(tmp_path)
    old.write(LONG)
    assert files(tmp_path) == 2
    keep_bodies(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.integers(0, 9).map(body), max_size=6), st.integers(1, LARGE))
def test_a_body_reads_as_it_was_written_last(tmp_path_factory: Any, written: list[bytes], step: int) -> None:
    kept = Body(tmp_path_factory.mktemp(uuid.uuid4().hex))
    for each in written:
        kept.seek(0)
        kept.truncate()
        kept.write(each)
    last = written[-1] if written else b""
    kept.seek(0)
    assert kept.read() == last
    kept.seek(0)
    assert b"".join(iter(lambda: kept.read(step), b"")) == last
    kept.close()
    with pytest.raises(ValueError, match="closed"):
        kept.read()


def test_moto_remembers_no_object_that_is_gone(versioned: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseModel, "__new__", BaseModel.__new__)
    remember_no_models()
    before = len(models.FakeKey.instances_tracked)  # type: ignore[attr-defined]
    ids = put(versioned, *map(body, range(5)))
    versioned.list_object_versions(Bucket=BUCKET)
    assert len(models.FakeKey.instances_tracked) == before  # type: ignore[attr-defined]
    for id_ in ids:  # moto itself would not find them any more
        versioned.delete_object(Bucket=BUCKET, Key="k", VersionId=id_)
