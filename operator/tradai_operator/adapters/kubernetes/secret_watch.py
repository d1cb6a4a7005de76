"""Which Secrets change, and nothing of what is in them.

Watches metadata alone (PartialObjectMetadata), so that the values of Secrets that no environment refers to never reach
this process; where the operator is bound to some namespaces, each is watched by itself. Must never end because one
namespace refuses: it may be on its way out. Must never wait for a connection that is dead.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

import httpx2
import structlog
from lightkube import AsyncClient
from lightkube.config import client_adapter

from tradai_operator.adapters.kubernetes import refusals
from tradai_operator.decide.settings import CONNECT_SECONDS, SILENT_SECONDS, WATCH_SECONDS

#: A Secret changed: its namespace and name.
Changed = Callable[[str, str], None]

_METADATA = "application/json;as={};g=meta.k8s.io;v=v1"
_OBJECTS, _LIST = _METADATA.format("PartialObjectMetadata"), _METADATA.format("PartialObjectMetadataList")
_PAGE = 500
_AGAIN_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)
_log = structlog.get_logger("tradai_operator")


class _TooOldError(Exception):
    """The API server no longer knows the version to go on from: all are listed anew."""


class SecretWatch:
    """Watches the Secrets of some namespaces, or of all where none is named."""

    def __init__(self, client: AsyncClient, namespaces: Collection[str] = ()) -> None:
        patient = httpx2.Timeout(CONNECT_SECONDS, read=SILENT_SECONDS)
        self._http = client_adapter.AsyncClient(client.config, client_adapter.ConnectionParams(timeout=patient))
        self._namespaces = sorted(namespaces) or [""]

    async def run(self, changed: Changed) -> None:
        """Tells every change, until cancelled."""
        try:
            await asyncio.gather(*(self._keep(namespace, changed) for namespace in self._namespaces))
        finally:
            await self._http.aclose()

    async def _keep(self, namespace: str, changed: Changed) -> None:
        known: dict[tuple[str, str], str] = {}
        failures = 0
        while True:
            try:
                version = await self._list(namespace, known, changed)
                failures = 0
                while True:
                    version = await self._watch(namespace, version, known, changed)
            except _TooOldError:
                continue
            except (httpx2.HTTPError, OSError, json.JSONDecodeError) as error:
                where = namespace or "all namespaces"
                if failures == 0:
                    _log.warning("Secrets are not watched", of=where, why=_why(error))
                await asyncio.sleep(_AGAIN_SECONDS[min(failures, len(_AGAIN_SECONDS) - 1)])
                failures += 1

    async def _list(self, namespace: str, known: dict[tuple[str, str], str], changed: Changed) -> str:
        """Tells what differs from what was known, and gives the version to watch from."""
        found: dict[tuple[str, str], str] = {}
        page, version = "", ""
        while True:
            answer = await self._http.get(
                _path(namespace), params={"limit": _PAGE, "continue": page}, headers={"Accept": _LIST}
            )
            answer.raise_for_status()
            body = answer.json()
            items = body["items"] or ()  # null where the whole cluster has no Secret
            found |= dict(_mark(item["metadata"]) for item in items)
            page, version = str(body["metadata"].get("continue", "")), str(body["metadata"]["resourceVersion"])
            if not page:
                break
        differing = [key for key in {**known, **found} if known.get(key) != found.get(key)]
        known.clear()
        known |= found
        for key in differing:
            changed(*key)
        return version

    async def _watch(self, namespace: str, version: str, known: dict[tuple[str, str], str], changed: Changed) -> str:
        """One watch until it ends or is silent; gives the version to go on from. Raises _TooOldError."""
        wanted = {"watch": "1", "resourceVersion": version, "allowWatchBookmarks": "true"}
        wanted["timeoutSeconds"] = str(WATCH_SECONDS)
        headers = {"Accept": _OBJECTS}
        with suppress(httpx2.ReadTimeout):  # the server should have ended it by then: nothing comes this way any more
            async with self._http.stream("GET", _path(namespace), params=wanted, headers=headers) as answer:
                answer.raise_for_status()
                async for event in _events(answer):
                    version = _take(event, known, changed)
        return version


def _take(event: Mapping[str, Any], known: dict[tuple[str, str], str], changed: Changed) -> str:
    """Tells what an event tells, and gives its version; raises _TooOldError or HTTPError where the watch is over."""
    if event["type"] == "ERROR":
        if event["object"].get("code") == refusals.TOO_OLD:
            raise _TooOldError
        raise httpx2.HTTPError(str(event["object"].get("reason", "ERROR")))
    key, version = _mark(event["object"]["metadata"])
    if event["type"] == "BOOKMARK":
        return version
    known[key] = version
    if event["type"] == "DELETED":
        del known[key]
    changed(*key)
    return version


def _path(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/secrets" if namespace else "/api/v1/secrets"


def _mark(metadata: dict[str, Any]) -> tuple[tuple[str, str], str]:
    return (metadata.get("namespace", ""), metadata.get("name", "")), metadata["resourceVersion"]


async def _events(answer: httpx2.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in answer.aiter_lines():
        if line.strip():
            yield json.loads(line)


def _why(error: Exception) -> str:
    return str(error.response.status_code) if isinstance(error, httpx2.HTTPStatusError) else type(error).__name__
