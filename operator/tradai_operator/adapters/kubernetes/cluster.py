"""Kubernetes over its API: statuses, finalizers, Secrets, records and events of environments.

Every call is one request with a timeout and no retry of its own: the loop retries. Must never watch (kopf does) and
never write to a spec.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import httpx2
import structlog
from lightkube import ApiError, AsyncClient
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.core_v1 import EventSource, ObjectReference
from lightkube.models.meta_v1 import ObjectMeta, OwnerReference
from lightkube.resources.core_v1 import ConfigMap, Event, Namespace, Secret
from lightkube.types import PatchType

from tradai_operator.adapters.kubernetes import refusals
from tradai_operator.adapters.kubernetes.rounds import Rounds
from tradai_operator.decide.settings import CHUNK
from tradai_operator.model import keys
from tradai_operator.ports import ClusterError, EventText, ForeignError, Ref
from tradai_runner.process.writes import point

_MANAGER = "tradai-operator"
_TIMEOUT_SECONDS = 20.0
#: Only before the operator begins: a watch on what is not served would never start by itself.
_SERVED_POLL_SECONDS = 1.0

_log = structlog.get_logger("tradai_operator")

Resource: Any = create_namespaced_resource(keys.GROUP, keys.VERSION, keys.KIND, keys.PLURAL)


class KubeCluster:
    """The `Cluster` port over lightkube; credentials come from KUBECONFIG or the pod's service account."""

    def __init__(self, client: AsyncClient | None = None) -> None:
        self._client = client or AsyncClient(timeout=httpx2.Timeout(_TIMEOUT_SECONDS), field_manager=_MANAGER)
        self._reading: dict[tuple[str, str], asyncio.Task[Mapping[str, str] | None]] = {}
        self._all = Rounds(self._listed)

    @property
    def client(self) -> AsyncClient:
        """The connections, for whoever else watches."""
        return self._client

    async def close(self) -> None:
        """Ends the connections."""
        await self._client.close()

    async def write_status(self, ref: Ref, status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Replaces the status by a JSON patch that tests the uid; a rule of the definition holds the term."""
        patch = [_same_uid(ref), {"op": "add", "path": "/status", "value": dict(status)}]
        return await self._patch("cluster.status", Resource.Status, ref, patch, "patch the status of")

    async def write_finalizers(self, ref: Ref, before: Sequence[str], after: Sequence[str]) -> None:
        """Replaces the finalizers by a JSON patch that tests uid and what was there: of none, that there are none."""
        patch = [
            _same_uid(ref),
            {"op": "test", "path": "/metadata/finalizers", "value": list(before) or None},
            {"op": "add", "path": "/metadata/finalizers", "value": list(after)},
        ]
        await self._patch("cluster.finalizers", Resource, ref, patch, "patch the finalizers of")

    async def identity(self) -> str:
        """The uid of the namespace kube-system, which is as old as the cluster."""
        async with _explained("get namespace kube-system"):
            found = await self._client.get(Namespace, "kube-system")
        return str(found.metadata.uid if found.metadata else "")

    async def environments(self) -> list[Mapping[str, Any]]:
        """Every environment of the cluster, as plain bodies; a thousand that want to begin at once ask twice."""
        return await self._all.answer()

    async def _listed(self) -> list[Mapping[str, Any]]:
        async with _explained("list environments"):
            every = self._client.list(Resource, namespace="*", chunk_size=CHUNK)
            return [_unmanaged(item.to_dict()) async for item in every]

    async def served(self) -> None:
        """Whether the API server answers and knows environments, for the price of one object; raises ClusterError."""
        async with _explained("list environments"):
            async for _ in self._client.list(Resource, namespace="*", chunk_size=1):
                break

    async def until_served(self) -> None:
        """Waits for that, and says once that it does."""
        told = False
        while True:
            try:
                return await self.served()
            except ClusterError as error:
                if not told:
                    _log.warning("waiting for the API server to serve environments", why=str(error))
                told = True
                await asyncio.sleep(_SERVED_POLL_SECONDS)

    async def delete(self, ref: Ref) -> None:
        """Asks for the deletion of that very object; one that is gone is no error, another of its name a conflict."""
        plain: Any = self._client._client  # lightkube's own `delete` says nothing of which object it means
        asked = plain.prepare_request("delete", Resource, None, ref.name, ref.namespace)
        asked.data = {"preconditions": {"uid": ref.uid}}
        async with _explained(f"delete {ref.namespace}/{ref.name}", ignore={404}):
            with point("cluster.delete"):
                plain.handle_response("delete", await plain.send(plain.build_adapter_request(asked)), asked)

    async def secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """Decoded values of a Secret, or None; a thousand environments of one passphrase ask once when we start."""
        key = (namespace, name)
        if (reading := self._reading.get(key)) is None:
            reading = self._reading[key] = asyncio.create_task(self._secret(namespace, name))
            reading.add_done_callback(lambda done: self._read(key, done))
        return await asyncio.shield(reading)

    async def own_secret(self, namespace: str, name: str, owner: Ref) -> Mapping[str, str] | None:
        """Decoded values of a Secret that names a resource of that name as its owner."""
        async with _explained(f"get Secret {namespace}/{name}", ignore={404}):
            found = await self._client.get(Secret, name, namespace=namespace)
            owners = (found.metadata.ownerReferences if found.metadata else None) or []
            if not any(each.kind == keys.KIND and each.name == owner.name for each in owners):
                raise ForeignError(f"Secret {namespace}/{name} was made by somebody else")
            return texts(found.data or {})
        return None

    def secret_changed(self, namespace: str, name: str) -> None:
        """Whoever asks from now on asks anew."""
        self._reading.pop((namespace, name), None)

    def _read(self, key: tuple[str, str], done: "asyncio.Task[Mapping[str, str] | None]") -> None:
        if self._reading.get(key) is done:
            del self._reading[key]
        if not done.cancelled():
            done.exception()  # who asked hears of it; nobody may be left to

    async def _secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        async with _explained(f"get Secret {namespace}/{name}", ignore={404}):
            found = await self._client.get(Secret, name, namespace=namespace)
            return texts(found.data or {})
        return None

    async def write_secret(self, namespace: str, name: str, values: Mapping[str, str], owner: Ref | None) -> None:
        """Server-side apply of a Secret."""
        metadata = ObjectMeta(name=name, namespace=namespace, ownerReferences=_owners(owner))
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        secret = Secret(metadata=metadata, data=data, type="Opaque")  # keys left out of stringData would stay
        async with _explained(f"write Secret {namespace}/{name}", creates=True):
            with point("cluster.secret"):
                await self._client.apply(secret, field_manager=_MANAGER, force=True)

    async def delete_secret(self, namespace: str, name: str) -> None:
        """Removes a Secret."""
        async with _explained(f"delete Secret {namespace}/{name}", ignore={404}):
            with point("cluster.secret.delete"):
                await self._client.delete(Secret, name, namespace=namespace)

    async def write_record(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        """Server-side apply of a ConfigMap."""
        record = ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data=dict(values))
        async with _explained(f"write ConfigMap {namespace}/{name}", creates=True):
            with point("cluster.record"):
                await self._client.apply(record, field_manager=_MANAGER, force=True)

    async def emit(self, ref: Ref, event: EventText) -> None:
        """Creates one event; a namespace under deletion takes none, which is no error."""
        now = datetime.now(UTC)
        involved = ObjectReference(
            apiVersion=keys.API_VERSION, kind=keys.KIND, name=ref.name, namespace=ref.namespace, uid=ref.uid
        )
        body = Event(
            metadata=ObjectMeta(generateName=f"{ref.name}.", namespace=ref.namespace),
            involvedObject=involved,
            type=event.type,
            reason=event.reason,
            message=event.message[:1024],
            source=EventSource(component=_MANAGER),
            firstTimestamp=now,
            lastTimestamp=now,
            count=1,
        )
        async with _explained(f"record an event about {ref.namespace}/{ref.name}", ignore={403, 404}):
            with point("cluster.event"):
                await self._client.create(body)

    async def _patch(
        self, name: str, resource: Any, ref: Ref, patch: list[dict[str, Any]], verb: str
    ) -> Mapping[str, Any]:
        how, where = PatchType.JSON, ref.namespace
        async with _explained(f"{verb} {ref.namespace}/{ref.name}"):
            with point(name):
                found = await self._client.patch(resource, ref.name, patch, namespace=where, patch_type=how)
        body: Mapping[str, Any] = found.to_dict()
        return body


def texts(data: Mapping[str, str]) -> dict[str, str]:
    """The values of a Secret that are text; others, like a key store, may stand beside them: nobody asks for those."""
    found: dict[str, str] = {}
    for key, value in data.items():
        with suppress(UnicodeDecodeError):
            found[key] = base64.b64decode(value).decode()
    return found


def _unmanaged(body: dict[str, Any]) -> dict[str, Any]:
    """Without who has set which field: of a thousand bodies it is the half, and nobody reads it."""
    body["metadata"].pop("managedFields", None)
    return body


def _same_uid(ref: Ref) -> dict[str, Any]:
    return {"op": "test", "path": "/metadata/uid", "value": ref.uid}


def _owners(owner: Ref | None) -> list[OwnerReference]:
    if owner is None:
        return []
    return [OwnerReference(apiVersion=keys.API_VERSION, kind=keys.KIND, name=owner.name, uid=owner.uid)]


@asynccontextmanager
async def _explained(
    action: str, ignore: frozenset[int] | set[int] = frozenset(), *, creates: bool = False
) -> AsyncIterator[None]:
    """Turns the client's errors into ours; status codes in `ignore` are no error. `creates`: see `refusals`."""
    try:
        yield
    except ApiError as error:
        code = error.status.code or 0
        if code in ignore:
            return
        kind, said = refusals.read(code, error.status.message or "", creates=creates)
        raise kind(f"could not {action}: {said}") from error
    except (httpx2.HTTPError, json.JSONDecodeError, OSError) as error:
        raise ClusterError(f"could not {action}: {type(error).__name__}: {error}") from error


#: What else speaks to the API server explains itself alike.
MANAGER, explained = _MANAGER, _explained
