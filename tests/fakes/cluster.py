"""A cluster in a dict: objects, Secrets, records and events, as the operator's port sees them.

Must never be cleverer than the port promises.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tradai_operator.ports import ClusterError, ConflictError, EventText, ForeignError, Ref, RefusedError


@dataclass
class FakeCluster:
    """Objects by uid, Secrets and records by (namespace, name); counts every write."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    records: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    events: list[EventText] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    deletions: list[str] = field(default_factory=list)
    broken: bool = False
    asked: int = 0

    async def write_status(self, ref: Ref, status: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self._object(ref)
        if status.get("term", 0) < (found.get("status") or {}).get("term", 0):
            raise RefusedError("write nothing here: a later leader of the operator has written this status already")
        found["status"] = deepcopy(dict(status))
        self.statuses.append(deepcopy(dict(status)))
        return deepcopy(self.bumped(found))

    @staticmethod
    def bumped(found: dict[str, Any]) -> dict[str, Any]:
        """The object with its next version, as every write gives it one."""
        version = found["metadata"].get("resourceVersion") or 0
        found["metadata"]["resourceVersion"] = str(int(version) + 1)
        return found

    async def write_finalizers(self, ref: Ref, before: Sequence[str], after: Sequence[str]) -> None:
        metadata = self._object(ref)["metadata"]
        if list(metadata.get("finalizers", [])) != list(before):
            raise ConflictError("the finalizers changed")
        metadata["finalizers"] = list(after)
        self.bumped(self.objects[ref.uid])
        if metadata.get("deletionTimestamp") and not after:
            del self.objects[ref.uid]

    async def environments(self) -> list[Mapping[str, Any]]:
        self._answer()
        return deepcopy(list(self.objects.values()))

    async def delete(self, ref: Ref) -> None:
        self.deletions.append(ref.uid)

    async def secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        self._answer()
        return self.secrets.get((namespace, name))

    async def own_secret(self, namespace: str, name: str, owner: Ref) -> Mapping[str, str] | None:
        found = await self.secret(namespace, name)
        if found is not None and self.made.get((namespace, name)) != owner.name:
            raise ForeignError(f"Secret {namespace}/{name} was made by somebody else")
        return found

    def secret_changed(self, namespace: str, name: str) -> None:
        """Every answer is a fresh one."""

    async def write_secret(self, namespace: str, name: str, values: Mapping[str, str], owner: Ref | None) -> None:
        self._answer()
        self.secrets[namespace, name] = dict(values)
        self.made[namespace, name] = owner.name if owner else ""

    async def delete_secret(self, namespace: str, name: str) -> None:
        self.secrets.pop((namespace, name), None)

    async def write_record(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        self.records[namespace, name] = dict(values)

    async def emit(self, ref: Ref, event: EventText) -> None:
        self.events.append(event)

    def _object(self, ref: Ref) -> dict[str, Any]:
        self._answer()
        if ref.uid not in self.objects:
            raise ConflictError(f"{ref.namespace}/{ref.name} is gone")
        return self.objects[ref.uid]

    def _answer(self) -> None:
        self.asked += 1
        if self.broken:
            raise ClusterError("the API server does not answer")
