"""What can be asked over HTTP: `/metrics`, `/healthz` (is it alive) and `/readyz` (can it do its work).

Answers are made when somebody asks. Must never tell more than counts and sentences: nobody has to log in here.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aiohttp import web

from tradai_operator.adapters.web.meters import CONTENT_TYPE, Meters
from tradai_operator.adapters.web.telemetry import LiveTelemetry
from tradai_operator.model import keys
from tradai_operator.ports import ClusterError

#: A turn is a handful of requests with a timeout each; one that lasts longer never ends.
STUCK_SECONDS: Final = 300.0
#: An operator looks at its Lease every second or so, whether or not the API server answers: one that does not is stuck.
SILENT_SECONDS: Final = 60.0
#: The API server is asked at most this often, however many probes there are.
_FRESH_SECONDS: Final = 5.0


class Served(Protocol):
    """What readiness asks the API server."""

    async def served(self) -> None:
        """Raises ClusterError unless environments are served."""

    async def environments(self) -> list[Mapping[str, Any]]:
        """The bodies of all environments; raises ClusterError."""


class Readiness:
    """Whether the operator can do its work: the API server serves the resource, and every environment has its loop."""

    def __init__(self, cluster: Served, knows: Callable[[str], bool]) -> None:
        self._cluster = cluster
        self._knows = knows
        self._caught_up = False
        self._asked_at = float("-inf")
        self._said: str | None = None

    async def trouble(self) -> str | None:
        """What is in the way, in a sentence; None where nothing is."""
        if time.monotonic() - self._asked_at >= _FRESH_SECONDS or self._said:
            self._asked_at, self._said = time.monotonic(), await self._look()
        return self._said

    async def _look(self) -> str | None:
        try:
            if self._caught_up:
                await self._cluster.served()
                return None
            bodies = await self._cluster.environments()
        except ClusterError as error:
            return f"the API server does not serve {keys.PLURAL}.{keys.GROUP}: {error}"
        unknown = sum(not self._knows(body["metadata"]["uid"]) for body in bodies)
        self._caught_up = unknown == 0
        return f"{unknown} of {len(bodies)} environments are not watched yet" if unknown else None


@dataclass(frozen=True)
class Window:
    """The server and what it looks at; `silent` gives the seconds since this operator led or stood by last."""

    meters: Meters
    telemetry: LiveTelemetry
    readiness: Readiness
    silent: Callable[[], float]

    async def open(self, address: str) -> tuple[web.AppRunner, str]:
        """Listens on `host:port` (port 0: any free one); returns what to clean up, and where it listens.

        Raises ValueError where `address` is none, and OSError where it is taken.
        """
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():  # an empty host would open it to everybody
            raise ValueError(f"an address to listen on is host:port, like 127.0.0.1:8080, not {address!r}")
        app = web.Application()
        app.add_routes(
            [
                web.get("/metrics", self._metrics),
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
            ]
        )
        runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=1.0, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        return runner, "{}:{}".format(*runner.addresses[0][:2])

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self.meters.expose(), headers={"Content-Type": CONTENT_TYPE})

    async def _healthz(self, _: web.Request) -> web.Response:
        lasted, silent = self.telemetry.longest_turn(), self.silent()
        if lasted > STUCK_SECONDS:
            return _answer(f"a turn has lasted {lasted:.0f} s and will never end")
        return _answer(f"it has neither led nor stood by for {silent:.0f} s" if silent > SILENT_SECONDS else None)

    async def _readyz(self, _: web.Request) -> web.Response:
        return _answer(await self.readiness.trouble())


def _answer(trouble: str | None) -> web.Response:
    return web.Response(text=f"{trouble or 'ok'}\n", status=503 if trouble else 200)
