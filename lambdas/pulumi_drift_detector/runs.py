"""Runs of the project's runner as ECS tasks, asked for and answered in the state bucket.

Must never start a run twice: its name is its client token. Must never write anything of a state.
"""

import json
from hashlib import sha256
from typing import Any, Final

from botocore.exceptions import ClientError

from pulumi_drift_detector.logic import Place
from pulumi_drift_detector.settings import DriftSettings
from shared import clients
from shared.deployed import DEPLOYED
from shared.tasks import Tasks

#: The container of the runner's task definition, and what it is asked to run.
_CONTAINER: Final = "runner"
_COMMAND: Final = ("python", "-m", "tradai_iac.runner")

#: The runner asks where the values of its secrets lie; this run has none.
_NO_SECRETS: Final = {"name": "TRADAI_SECRETS_DIR", "value": "/nonexistent"}


class NoTaskError(Exception):
    """ECS gave no task, by its own reason."""


class Runs:
    """The state bucket and the cluster."""

    def __init__(self, settings: DriftSettings) -> None:
        self._settings = settings
        self._tasks = Tasks(settings.cluster)

    def place(self, project: str, run_id: str) -> Place:
        """Where a run and the detector meet."""
        region = str(clients.client("s3").meta.region_name)
        where = {"bucket": self._bucket, "region": region, "environment": self._settings.environment}
        return Place(project=project, run_id=run_id, **where)

    @property
    def _bucket(self) -> str:
        if self._settings.state_bucket is None:
            raise LookupError("states are in no bucket")
        return self._settings.state_bucket

    def newest_record(self) -> dict[str, Any] | None:
        """What the environment last was as a whole; None where it never was."""
        prefix = f".tradai/history/{DEPLOYED.project}/{self._settings.environment}/"
        pages = clients.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self._bucket, Prefix=prefix)
        keys = [one["Key"] for page in found for one in page.get("Contents", [])]
        body = self._read(max(keys)) if keys else None
        record: dict[str, Any] | None = json.loads(body) if body else None
        return record

    def ask(self, place: Place, request: dict[str, Any]) -> str:
        """Write what is asked, then start the task; its ARN. Raises NoTaskError, ClientError."""
        self._write(place.key("place.json"), {"by": "pulumi-drift-detector"})
        self._write(place.key("request.json"), request)
        name = f"tradai-look-{sha256(str(place).encode()).hexdigest()[:24]}"
        known = self._settings
        network = {"subnets": known.subnets.split(","), "securityGroups": [known.security_groups]}
        command = [*_COMMAND, place.address(request.get("endpoint_url"))]
        answer = clients.client("ecs").run_task(
            cluster=known.cluster,
            taskDefinition=known.task_definition,
            count=1,
            launchType="FARGATE",
            startedBy=name,
            clientToken=name,
            networkConfiguration={"awsvpcConfiguration": {**network, "assignPublicIp": "DISABLED"}},
            overrides={"containerOverrides": [{"name": _CONTAINER, "command": command, "environment": [_NO_SECRETS]}]},
        )
        if not answer["tasks"]:
            why = "; ".join(str(one.get("reason", one)) for one in answer.get("failures", [])) or "ECS gave none"
            raise NoTaskError(f"no task could be run: {why}")
        return str(answer["tasks"][0]["taskArn"])

    def result(self, place: Place) -> bytes | None:
        """How the run ended, once it has."""
        return self._read(place.key("result.json"))

    def refusal(self, place: Place) -> str | None:
        """Why it did not even begin, where it said so."""
        said = self._read(place.key("refused.json"))
        return str(json.loads(said).get("why")) if said else None

    def ended(self, task_arn: str) -> str | None:
        """Why the task ended, or that ECS has forgotten it; None while it is there."""
        found = self._tasks.described([task_arn])
        if not found:
            return "ECS has forgotten its task"
        return (found[0].stopped_reason or "its task ended") if found[0].last_status == "STOPPED" else None

    def _write(self, key: str, body: dict[str, Any]) -> None:
        clients.client("s3").put_object(Bucket=self._bucket, Key=key, Body=json.dumps(body).encode())

    def _read(self, key: str) -> bytes | None:
        try:
            found: bytes = clients.client("s3").get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        return found
