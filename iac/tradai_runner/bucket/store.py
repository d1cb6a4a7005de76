"""The state bucket, as far as the runner and the plain tool use it beside the engine: locks, logs, results, repairs.

Reaches S3 through botocore with the ambient credentials, as the engine does. Must never know what an object means.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from botocore.config import Config
from botocore.exceptions import ClientError

from tradai_iac import sessions
from tradai_iac.backend import bucket_of, prefix_of
from tradai_runner.contract import RunRequest
from tradai_runner.process.writes import bucket_point, point

#: What a bucket says of an object that is not the one to be replaced.
_ANOTHER: Final = frozenset({"NoSuchKey", "PreconditionFailed", "ConditionalRequestConflict"})


class Store(Protocol):
    """Objects below a backend's root, by key."""

    def get(self, key: str) -> bytes | None:
        """The object, or None where there is none."""

    def put(self, key: str, body: bytes) -> None:
        """Writes the object."""

    def create(self, key: str, body: bytes) -> bool:
        """Writes the object where there is none; False where there is one."""

    def replace(self, key: str, body: bytes, digest: str) -> bool:
        """Writes over the object whose SHA-256 (hexadecimal) begins so; False where it is another one, or none."""

    def keys(self, prefix: str) -> list[str]:
        """All keys below a prefix."""

    def delete(self, key: str) -> None:
        """Removes one object; one that is gone already is no error."""


@dataclass(frozen=True)
class BucketStore:
    """A `Store` in an S3 bucket; raises botocore's ClientError and EndpointConnectionError."""

    client: Any
    bucket: str
    prefix: str = ""

    def get(self, key: str) -> bytes | None:
        """The object, or None where there is none."""
        try:
            body: bytes = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":  # a bare 404 is not S3's own word
                return None
            raise
        return body

    def put(self, key: str, body: bytes) -> None:
        """Writes the object."""
        with point(bucket_point("put", key)):
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=body)

    def create(self, key: str, body: bytes) -> bool:
        """Writes the object where there is none; a bucket that knows no conditions is only looked at before."""
        try:
            with point(bucket_point("create", key)):
                self.client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _ANOTHER:
                return False
            if code != "NotImplemented":
                raise
            if self.get(key) is not None:
                return False
            self.put(key, body)
        return True

    def replace(self, key: str, body: bytes, digest: str) -> bool:
        """Writes over the object of that digest; a bucket that knows no conditions is only looked at before."""
        where = {"Bucket": self.bucket, "Key": self.prefix + key}
        try:
            there = self.client.get_object(**where)
            if not sha256(there["Body"].read()).hexdigest().startswith(digest):
                return False
            with point(bucket_point("put", key)):
                self.client.put_object(**where, Body=body, IfMatch=there["ETag"])
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NotImplemented":
                self.put(key, body)
            elif code in _ANOTHER:
                return False
            else:
                raise
        return True

    def keys(self, prefix: str) -> list[str]:
        """All keys below a prefix."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
        return [found["Key"].removeprefix(self.prefix) for page in pages for found in page.get("Contents", [])]

    def delete(self, key: str) -> None:
        """Removes one object."""
        with point(bucket_point("delete", key)):
            self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)


def open_store(backend_url: str, region: str, endpoint_url: str | None) -> BucketStore | None:
    """The store of an s3:// backend; None where the backend is no bucket."""
    bucket = bucket_of(backend_url)
    if bucket is None:
        return None
    config = Config(
        connect_timeout=5,
        read_timeout=15,
        retries={"mode": "standard", "max_attempts": 3},
        s3={"addressing_style": "path"} if endpoint_url else None,
    )
    client = sessions.client("s3", region, endpoint_url, config)
    return BucketStore(client, bucket, prefix_of(backend_url))


def store_of(request: RunRequest) -> Store | None:
    """The state bucket of a run; None where its backend is no bucket."""
    return open_store(request.backend_url, request.region, request.endpoint_url)
