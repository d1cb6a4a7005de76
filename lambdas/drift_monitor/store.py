"""Windows out of the results bucket. Must never take what could not be listed or read for what is not there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from drift_monitor.packed import PACKED_BYTES
from drift_monitor.windows import day_of, first_day, live_prefix, reference_key
from shared import clients


class Windows:
    """The bucket; every call raises what botocore raises."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def reference(self, model: str, version: str) -> bytes | None:
        """The reference window, None where S3 says that there is none."""
        return self._read(reference_key(model, version))

    def live(self, model: str, version: str, at: datetime) -> Iterator[tuple[str, bytes]]:
        """The objects of the live window, those of the newest day first, each read when it is taken."""
        for key in self._keys(live_prefix(model, version), first_day(at), at.date().isoformat()):
            packed = self._read(key)
            if packed is not None:  # it may have been removed since it was listed
                yield key, packed

    def _keys(self, prefix: str, first: str, last: str) -> list[str]:
        """Keys of the days from first to last; S3 lists them in the order of days."""
        pages = clients.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self._bucket, Prefix=prefix, StartAfter=f"{prefix}{first}")
        keys = [each["Key"] for page in found for each in page.get("Contents", ())]
        return sorted((key for key in keys if first <= day_of(key) <= last), key=lambda key: (day_of(key), key))[::-1]

    def _read(self, key: str) -> bytes | None:
        """The first bytes of an object: one more than it may have, so that a larger one is told from it."""
        try:
            found: Any = clients.client("s3").get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        with found["Body"] as body:
            read: bytes = body.read(PACKED_BYTES + 1)
        return read
