"""A repair over a store in a dict and an account of one queue, for the tests of what it does and when it looks.

Must never judge: the tests do.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tests.fakes.requests import request_of
from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, resource, state, urn
from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.failure import Failure
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.repair.settle import Settler

QUEUE, ROLE = "aws:sqs/queue:Queue", "aws:iam/role:Role"
STATE = f".pulumi/stacks/{PROJECT}/dev.json"
BACKUP = f".tradai/backups/{PROJECT}/dev/r1.json"
INTENT = f".tradai/repairs/{PROJECT}/dev.json"
LOOKS = f".tradai/repairs/{PROJECT}/dev.looks.json"
#: When the states of these tests were written.
BEGAN, HOUR = datetime(2026, 11, 21, 17, 4, 30, tzinfo=UTC).timestamp(), 3600.0


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self, now: float) -> None:
        self.now, self.waited = now, list[float]()

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


class Aws:
    """An account that has one queue, made by us."""

    def __init__(self, error: str = "") -> None:
        self.error = error

    def __call__(self, service: str) -> "Aws":
        return self

    def can_paginate(self, call: str) -> bool:
        return False

    def get_queue_url(self, QueueName: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        if self.error or QueueName != "jobs":
            code = self.error or "AWS.SimpleQueueService.NonExistentQueue"
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetQueueUrl")
        return {"QueueUrl": "http://jobs"}

    def list_queue_tags(self, QueueUrl: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        return {"Tags": {"tradai:urn": urn_tag_of(urn(QUEUE, "jobs"))}}


def settler(store: Any, tmp_path: Path, aws: Aws | None = None, **more: Any) -> Settler:
    """Of a stack whose endpoint agrees with itself within five seconds; with `endpoint_url=None`, of AWS."""
    base = {"run_id": "r1", "layer": "foundation", "environment": "dev", "operation": "up", "account_id": "1"}
    where = {"region": "eu-central-1", "backend_url": "s3://b", "endpoint_url": "http://127.0.0.1:4566"}
    asked = request_of(**{**base, **where, **more})
    clock = Clock(BEGAN + HOUR)
    return Settler(asked, PROJECT, store, RunRegistry(tmp_path), lambda: aws or Aws(), clock, pause=clock.pause)


def stored(*pending: dict[str, Any]) -> Any:
    body = state([resource(ROLE, "known", id="known")], list(pending))
    return Objects({STATE: json.dumps(body).encode()})


class Engine:
    """Takes note of what is to be read anew, and may fail at it."""

    def __init__(self, failure: Failure | None = None) -> None:
        self.failure, self.targets = failure, list[list[str]]()

    def __call__(self, urns: list[str]) -> Failure | None:
        self.targets.append(urns)
        return self.failure


def latest(store: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(store[STATE])["checkpoint"]["latest"]
    return found
