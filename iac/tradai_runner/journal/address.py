"""Where the journal of a run elsewhere lies: one line that fits a command, a status and a log.

`s3://bucket/folder?region=…&endpoint=…#project/stack/run`. Must never hold a credential.
"""

from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tradai_iac.backend import bucket_of, prefix_of
from tradai_iac.base import Frozen
from tradai_runner.contract import RunRequest


class RunAddress(Frozen):
    """One run in one state bucket; `folder` is '' or ends in a slash."""

    bucket: str
    folder: str = ""
    region: str
    endpoint_url: str | None = None
    project: str
    stack: str
    run_id: str

    @classmethod
    def of(cls, request: RunRequest, project: str) -> Self:
        """The address of a request; raises ValueError where its backend is no bucket."""
        bucket = bucket_of(request.backend_url)
        if bucket is None:
            raise ValueError(f"a run elsewhere needs a state bucket, and {request.backend_url} is not one")
        return cls(
            bucket=bucket,
            folder=prefix_of(request.backend_url),
            region=request.region,
            endpoint_url=request.endpoint_url,
            project=project,
            stack=request.environment,
            run_id=request.run_id,
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address again; raises ValueError."""
        parts = urlsplit(text)
        query = parse_qs(parts.query)
        named = parts.fragment.split("/")
        if parts.scheme != "s3" or len(named) != 3 or "region" not in query:
            raise ValueError(f"{text!r} is not the address of a run, like s3://bucket?region=REGION#PROJECT/STACK/RUN")
        project, stack, run_id = named
        return cls(
            bucket=parts.netloc,
            folder=prefix_of(text),
            region=query["region"][0],
            endpoint_url=query["endpoint"][0] if "endpoint" in query else None,
            project=project,
            stack=stack,
            run_id=run_id,
        )

    def __str__(self) -> str:
        query = {"region": self.region} | ({"endpoint": self.endpoint_url} if self.endpoint_url else {})
        folder = self.folder.rstrip("/")
        where = f"{self.bucket}/{folder}" if folder else self.bucket
        return f"s3://{where}?{urlencode(query, safe=':/')}#{self.project}/{self.stack}/{self.run_id}"
