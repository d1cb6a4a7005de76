"""Answers as S3 gives them: of objects, listings, copies and refusals.

Pure. Must never say more of an object than S3 would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

_SPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_OK: Final = 200


@dataclass(frozen=True)
class Answer:
    """One answer; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return _OK <= self.status < 300

    @property
    def etag(self) -> str | None:
        """Of the object that it is about."""
        return self.headers.get("etag")


@dataclass(frozen=True)
class Item:
    """One object of a listing."""

    key: str
    etag: str
    size: int
    modified: str


@dataclass(frozen=True)
class Object:
    """The state as this engine wrote it last, with the checksums that it sent."""

    etag: str
    body: bytes
    at: float
    checksums: Mapping[str, str] = field(default_factory=dict)

    def read(self) -> Answer:
        """To GET."""
        return Answer(_OK, self._headers(), self.body)

    def look(self) -> Answer:
        """To HEAD: without the body, whose length stands in the headers."""
        return Answer(_OK, {**self._headers(), "content-length": str(len(self.body))})

    def item(self, key: str) -> Item:
        """In a listing."""
        return Item(key, self.etag, len(self.body), _stamp(self.at))

    def _headers(self) -> dict[str, str]:
        moment = format_datetime(datetime.fromtimestamp(self.at, UTC), usegmt=True)
        return {"etag": self.etag, "last-modified": moment, "content-type": "application/json", **self.checksums}


def listing(bucket: str, prefix: str, delimiter: str, items: Sequence[Item]) -> Answer:
    """To ListObjectsV2, whole."""
    rows = "".join(
        f"<Contents><Key>{escape(item.key)}</Key><LastModified>{item.modified}</LastModified>"
        f"<ETag>{escape(item.etag)}</ETag><Size>{item.size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for item in sorted(items, key=lambda each: each.key)
    )
    about = f"<Name>{escape(bucket)}</Name><Prefix>{escape(prefix)}</Prefix><Delimiter>{escape(delimiter)}</Delimiter>"
    return _xml(
        f'<ListBucketResult xmlns="{_SPACE}">{about}<MaxKeys>1000</MaxKeys><KeyCount>{len(items)}</KeyCount>'
        f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
    )


def items_of(answer: Answer) -> tuple[Item, ...]:
    """What a listing has; nothing where it is none."""
    try:
        root = ElementTree.fromstring(answer.body)  # noqa: S314 - the state's own bucket says it
    except ElementTree.ParseError:
        return ()
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""

    def text(of: ElementTree.Element, name: str) -> str:
        return of.findtext(f"{space}{name}") or ""

    return tuple(
        Item(text(row, "Key"), text(row, "ETag"), int(text(row, "Size") or 0), text(row, "LastModified"))
        for row in root.findall(f"{space}Contents")
    )


def copied(etag: str, at: float) -> Answer:
    """To CopyObject."""
    return _xml(
        f'<CopyObjectResult xmlns="{_SPACE}"><LastModified>{_stamp(at)}</LastModified>'
        f"<ETag>{escape(etag)}</ETag></CopyObjectResult>"
    )


def begun(key: str, upload: str) -> Answer:
    """To CreateMultipartUpload."""
    return _xml(
        f'<InitiateMultipartUploadResult xmlns="{_SPACE}"><Key>{escape(key)}</Key>'
        f"<UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
    )


def completed(key: str, etag: str) -> Answer:
    """To CompleteMultipartUpload."""
    return _xml(
        f'<CompleteMultipartUploadResult xmlns="{_SPACE}"><Key>{escape(key)}</Key>'
        f"<ETag>{escape(etag)}</ETag></CompleteMultipartUploadResult>"
    )


def saved(etag: str) -> Answer:
    """To PutObject."""
    return Answer(_OK, {"etag": etag})


def refusal(status: int, code: str, message: str) -> Answer:
    """An error in S3's form."""
    body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return replace(_xml(body), status=status)


def _xml(text: str) -> Answer:
    return Answer(_OK, {"content-type": "application/xml"}, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode())


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
