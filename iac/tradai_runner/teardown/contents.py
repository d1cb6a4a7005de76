"""What lies in the buckets and repositories of a stack, and runs in its clusters; and how they are emptied.

Must never empty what it was not given by name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError, WaiterError

from tradai_runner.repair.find import Clients
from tradai_runner.state.checkpoint import Checkpoint

_GONE: Final = {"NoSuchBucket", "RepositoryNotFoundException", "ClusterNotFoundException"}
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")
_STEP: Final = 1000


class NotEmptiedError(Exception):
    """AWS kept something of what was to be emptied."""


@dataclass(frozen=True)
class Content:
    """One bucket, repository or cluster that is not empty; versions and delete markers count as objects."""

    kind: str
    name: str
    count: int
    size: int

    def __str__(self) -> str:
        size = f", {readable(self.size)}" if _KINDS[self.kind].sized else ""
        name = self.name.rpartition("/")[2] if self.name.startswith("arn:") else self.name
        return f"{self.kind} {name}: {self.count} {_KINDS[self.kind].things}{size}"


@dataclass(frozen=True)
class _Kind:
    """How one kind is looked into and emptied; `sizes` gives the bytes of each thing in it, where things have any."""

    type: str
    things: str
    sizes: Callable[[Clients, str], Iterator[int]]
    empty: Callable[[Clients, str], None]
    sized: bool = True


def readable(size: int) -> str:
    """Bytes as people write them, `3.4 MB`."""
    value, unit = float(size), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{size} bytes"


def found_contents(clients: Clients, recorded: Checkpoint) -> tuple[Content, ...]:
    """All that is not empty among the stack's own; what is gone from AWS already counts as empty."""
    found = [_look(clients, kind, resource.id) for kind, row in _KINDS.items() for resource in recorded.of(row.type)]
    return tuple(content for content in found if content.count)


def empty(clients: Clients, content: Content) -> None:
    """Delete everything in it, older versions and delete markers too; raises NotEmptiedError and ClientError."""
    _KINDS[content.kind].empty(clients, content.name)


def _look(clients: Clients, kind: str, name: str) -> Content:
    try:
        sizes = list(_KINDS[kind].sizes(clients, name))
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
        sizes = []
    return Content(kind, name, len(sizes), sum(sizes))


def _versions(clients: Clients, name: str) -> Iterator[Mapping[str, Any]]:
    for page in clients("s3").get_paginator("list_object_versions").paginate(Bucket=name):
        yield from page.get("Versions", [])
        yield from page.get("DeleteMarkers", [])


def _object_sizes(clients: Clients, name: str) -> Iterator[int]:
    return (version.get("Size", 0) for version in _versions(clients, name))


def _empty_bucket(clients: Clients, name: str) -> None:
    for page in clients("s3").get_paginator("list_object_versions").paginate(Bucket=name):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not entries:
            continue
        keys = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
        answer = clients("s3").delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
        if errors := answer.get("Errors"):
            raise NotEmptiedError(f"bucket {name} keeps {errors[0]['Key']}: {errors[0].get('Message', 'no reason')}")


def _images(clients: Clients, name: str) -> Iterator[Mapping[str, Any]]:
    for page in clients("ecr").get_paginator("describe_images").paginate(repositoryName=name):
        yield from page["imageDetails"]


def _image_sizes(clients: Clients, name: str) -> Iterator[int]:
    return (image.get("imageSizeInBytes", 0) for image in _images(clients, name))


def _empty_repository(clients: Clients, name: str) -> None:
    """In rounds: an image that a manifest list refers to only goes after that list."""
    left = [image["imageDigest"] for image in _images(clients, name)]
    while left:
        for batch in _batches(left):
            clients("ecr").batch_delete_image(
                repositoryName=name, imageIds=[{"imageDigest": digest} for digest in batch]
            )
        before, left = left, [image["imageDigest"] for image in _images(clients, name)]
        if len(left) >= len(before):
            raise NotEmptiedError(f"repository {name} keeps {len(left)} images")


def _batches(digests: list[str], size: int = 100) -> Iterator[list[str]]:
    return (digests[start : start + size] for start in range(0, len(digests), size))


def _lone_tasks(clients: Clients, name: str) -> Iterator[str]:
    """ARNs of the tasks that nobody but their starter runs: those of services go with the services."""
    for page in clients("ecs").get_paginator("list_tasks").paginate(cluster=name, desiredStatus="RUNNING"):
        if arns := page["taskArns"]:
            tasks = clients("ecs").describe_tasks(cluster=name, tasks=arns)["tasks"]
            yield from (task["taskArn"] for task in tasks if not task.get("group", "").startswith("service:"))


def _task_sizes(clients: Clients, name: str) -> Iterator[int]:
    return (0 for _ in _lone_tasks(clients, name))


def _stop_tasks(clients: Clients, name: str) -> None:
    """AWS deletes no cluster in which a task runs; each gets its own stop time to end well."""
    stopping = list(_lone_tasks(clients, name))
    for task in stopping:
        clients("ecs").stop_task(cluster=name, task=task, reason="the environment is taken down")
    for batch in _batches(stopping):
        try:
            clients("ecs").get_waiter("tasks_stopped").wait(cluster=name, tasks=batch)
        except WaiterError as error:
            raise NotEmptiedError(f"cluster {name} keeps running tasks: {error}") from None


_KINDS: Final = {
    "bucket": _Kind("aws:s3/bucket:Bucket", "objects", _object_sizes, _empty_bucket),
    "repository": _Kind("aws:ecr/repository:Repository", "images", _image_sizes, _empty_repository),
    "cluster": _Kind("aws:ecs/cluster:Cluster", "running tasks", _task_sizes, _stop_tasks, sized=False),
}
