"""The allowlist as it stands in the operator's namespace: read before anything runs, then watched.

One ConfigMap by its name, so that the operator needs no right to any other. Must never forget rules because the API
server does not answer: the last ones that were read hold. Must never trust a watch that is silent.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import httpx2
import structlog
from lightkube import ApiError, AsyncClient
from lightkube.resources.core_v1 import ConfigMap

from tradai_operator.adapters.kubernetes import refusals
from tradai_operator.decide.settings import SILENT_SECONDS, WATCH_SECONDS
from tradai_operator.model.allowlist import NAME, Allowlist

_AGAIN_SECONDS = 5.0
_log = structlog.get_logger("tradai_operator")


class WatchedAllowlist:
    """The rules as they are now, by a call; `opened` comes first."""

    def __init__(self, client: AsyncClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._rules = Allowlist(broken="it was not read yet")

    def __call__(self) -> Allowlist:
        """The rules that were read last."""
        return self._rules

    async def open(self) -> None:
        """Reads the rules; waits for an API server that does not answer."""
        while not await self._read():  # noqa: ASYNC110 - the API server sends no asyncio event
            await asyncio.sleep(_AGAIN_SECONDS)

    async def watch(self, changed: Callable[[], None]) -> None:
        """Calls `changed` after each change, until cancelled."""
        while True:
            before = self._rules
            try:
                if await self._read() and self._rules != before:
                    changed()
                await self._follow(changed)
            except TimeoutError:  # a ConfigMap that nobody writes, or a connection that is dead
                continue
            except (ApiError, httpx2.HTTPError, OSError) as error:
                if isinstance(error, ApiError) and error.status.code == refusals.TOO_OLD:
                    continue  # nobody has written it since the API server started: what is there is read anew
                _log.info("watching the allowlist again", why=type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _follow(self, changed: Callable[[], None]) -> None:
        """Until nothing has come for a while; raises TimeoutError then. Each watch begins with what is there."""
        named: dict[str, Any] = {"metadata.name": NAME}
        events = self._client.watch(ConfigMap, namespace=self._namespace, fields=named, server_timeout=WATCH_SECONDS)
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(SILENT_SECONDS) as patience, aclosing(events):  # type: ignore[type-var]
            async for operation, found in events:
                patience.reschedule(clock() + SILENT_SECONDS)
                before = self._rules
                self._take(None if operation == "DELETED" else dict(found.data or {}))
                if self._rules != before:
                    changed()

    async def _read(self) -> bool:
        try:
            found = await self._client.get(ConfigMap, NAME, namespace=self._namespace)
        except ApiError as error:
            if error.status.code != 404:
                _log.warning("the allowlist cannot be read", why=error.status.message)
                return False
            self._take(None)
        except (httpx2.HTTPError, OSError) as error:
            _log.warning("the allowlist cannot be read", why=type(error).__name__)
            return False
        else:
            self._take(dict(found.data or {}))
        return True

    def _take(self, data: dict[str, str] | None) -> None:
        rules = Allowlist.parse(data)
        if rules != self._rules:
            _log.info("allowlist", rules=len(rules.rules) if rules.rules is not None else None, broken=rules.broken)
        self._rules = rules
