"""The state bucket of an environment: where its manifest says, by the endpoint that the shell knows.

What the bucket says against us becomes one sentence. Must never load boto3 before it is needed: that takes its time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from tradai_operator.model import EnvironmentSpec


def endpoint_of(spec: EnvironmentSpec) -> str | None:
    """Where AWS answers: what the manifest says, else the variable, else AWS itself (None)."""
    return spec.aws.endpoint_url or os.environ.get("AWS_ENDPOINT_URL")


@contextmanager
def opened(spec: EnvironmentSpec) -> Iterator[Any]:
    """The state bucket's Store, None where the backend is no bucket; exits with a sentence when it refuses."""
    from botocore.exceptions import BotoCoreError, ClientError

    from tradai_runner.bucket.store import open_store

    try:
        yield open_store(spec.state.backend_url, spec.aws.region, endpoint_of(spec))
    except (ClientError, BotoCoreError) as error:
        typer.echo(f"{spec.state.backend_url} cannot be used: {error}", err=True)
        raise typer.Exit(1) from None


def fetch(spec: EnvironmentSpec, key: str) -> bytes | None:
    """One object of it, None where there is none; exits as `opened` does."""
    with opened(spec) as store:
        body: bytes | None = store.get(key) if store else None
    return body
