"""What a person has at hand: kubectl, `tradai`, a manifest, and AWS.

Must never hold a step: it only says what commands print and what the environment's status is.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
import yaml

_POLL_SECONDS = 2.0
#: Terminated instances with their disks and interfaces, and revisions that are registered no more.
_LISTED_ON = (":instance/", ":volume/", ":network-interface/", ":task-definition/")
_T = TypeVar("_T")


class SmokeError(Exception):
    """Something is not as it should be; the text says what, and what was expected."""


def expect(what: str, *, found: object, wanted: object) -> None:
    """Raises SmokeError where they differ."""
    if found != wanted:
        raise SmokeError(f"{what}: {found!r}, not {wanted!r}")


@dataclass(frozen=True)
class Account:
    """One environment of one account, addressed as a person would.

    `manifest` is the file of the environment, `variables` are what commands find in their environment beside the
    caller's own, `say` prints a line, `limit` is for how many seconds a step may wait for one thing, `changed` is the
    file with a later change of it.
    """

    manifest: Path
    variables: Mapping[str, str]
    say: Callable[[str], None]
    limit: float = 5400.0
    changed: Path | None = None
    calls: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """The manifest as it is written."""
        found: dict[str, Any] = yaml.safe_load(self.manifest.read_text())
        return found

    @property
    def name(self) -> str:
        """The resource's name."""
        return str(self.body["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """The resource's namespace."""
        return str(self.body["metadata"].get("namespace", "default"))

    @property
    def environment(self) -> str:
        """`dev`, for instance."""
        return str(self.body["spec"]["environment"])

    @property
    def state_bucket(self) -> str:
        """The bucket of the states, which the account's script made."""
        url = str(self.body["spec"]["state"]["backendUrl"])
        return url.removeprefix("s3://").partition("?")[0].partition("/")[0]

    def run(self, *words: str, given: str | None = None, good: tuple[int, ...] = (0,)) -> str:
        """What a command prints, which is said first; raises SmokeError with its complaint."""
        self.say(f"$ {' '.join(words)}")
        ran = subprocess.run(
            words,
            input=given,
            env=os.environ | dict(self.variables),
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode not in good:
            raise SmokeError(f"{' '.join(words)} ended with {ran.returncode}: {ran.stderr.strip() or ran.stdout}")
        return ran.stdout

    def kubectl(self, *words: str, given: str | None = None) -> str:
        """As `run`, in the resource's namespace."""
        return self.run("kubectl", "-n", self.namespace, *words, given=given)

    def apply(self, **spec: Any) -> None:
        """Applies the manifest, with some fields of its spec set otherwise."""
        body = self.body
        body["spec"] |= spec
        self.kubectl("apply", "--server-side", "--field-manager=tradai", "-f", "-", given=json.dumps(body))

    def annotate(self, key: str, value: str) -> None:
        """Says a word to the operator."""
        self.kubectl("annotate", "--overwrite", "tradaienv", self.name, f"{key}={value}")

    def resource(self) -> dict[str, Any] | None:
        """The environment as the API server has it, None where it is gone."""
        command = ("kubectl", "-n", self.namespace, "get", "tradaienv", self.name, "-o", "json", "--ignore-not-found")
        ran = subprocess.run(
            command, env=os.environ | dict(self.variables), capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise SmokeError(f"the environment cannot be read: {ran.stderr.strip()}")
        return json.loads(ran.stdout) if ran.stdout.strip() else None

    def status(self) -> dict[str, Any]:
        """Its status, as far as it is of the present generation."""
        found = self.resource() or {}
        status: dict[str, Any] = found.get("status", {})
        return status if status.get("observedGeneration") == found.get("metadata", {}).get("generation") else {}

    def until(self, what: str, look: Callable[[], _T | None]) -> _T:
        """What `look` gives once it gives something; raises SmokeError where that takes too long, or it is Stalled."""
        deadline, told = time.monotonic() + self.limit, ""
        while not (value := look()):
            status = self.status()
            if (said := f"{status.get('phase', '')}: {status.get('message', '')}") != told:
                self.say(f"    {(told := said)}")
            if time.monotonic() > deadline:
                raise SmokeError(f"waited {self.limit:.0f} s for {what}; it says {told}")
            time.sleep(_POLL_SECONDS)
        return value

    def ready(self) -> dict[str, Any]:
        """The status once it is Ready; raises SmokeError where it is Stalled."""

        def look() -> dict[str, Any] | None:
            status = self.status()
            if condition(status, "Stalled") == "True":
                raise SmokeError(f"it is Stalled: {status.get('message')}")
            return status if condition(status, "Ready") == "True" else None

        return self.until("Ready", look)

    def client(self, service: str) -> Any:
        """A plain boto3 client, as the person who runs this."""
        if service not in self.calls:
            make: Any = boto3.client
            variables = {**os.environ, **self.variables}
            self.calls[service] = make(
                service,
                region_name=self.body["spec"]["aws"]["region"],
                endpoint_url=variables.get("AWS_ENDPOINT_URL"),
                aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
                aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
                aws_session_token=variables.get("AWS_SESSION_TOKEN"),
            )
        return self.calls[service]

    def standing(self) -> list[str]:
        """ARNs of everything that carries the environment's tag, but of what AWS lists for a while once it is gone."""
        pages = (
            self.client("resourcegroupstaggingapi")
            .get_paginator("get_resources")
            .paginate(TagFilters=[{"Key": "Environment", "Values": [self.environment]}])
        )
        arns = (found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"])
        return sorted(arn for arn in arns if not any(kind in arn for kind in _LISTED_ON) and not self._is_inactive(arn))

    def _is_inactive(self, arn: str) -> bool:
        """Whether it is a service or cluster of ECS that is no more."""
        kind, _, name = arn.rpartition(":")[2].partition("/")
        if ":ecs:" not in arn or kind not in {"service", "cluster"}:
            return False
        cluster, _, service = name.partition("/")
        clusters = self.client("ecs").describe_clusters(clusters=[cluster])["clusters"]
        if not any(found["status"] == "ACTIVE" for found in clusters):
            return True  # a service is asked about in a cluster that stands
        if kind == "cluster":
            return False
        services = self.client("ecs").describe_services(cluster=cluster, services=[service])["services"]
        return all(found["status"] == "INACTIVE" for found in services)


def condition(status: Mapping[str, Any], kind: str) -> str:
    """`True`, `False` or `Unknown`; empty where there is none."""
    return next((str(found["status"]) for found in status.get("conditions", []) if found["type"] == kind), "")
