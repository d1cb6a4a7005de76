"""Registers our handlers with kopf, and says how kopf has to behave (measured settings).

Must never let kopf persist anything: finalizer, annotations and events of its own are switched off. Must never leave
open how long a watch may be silent.
"""

from collections.abc import Mapping
from typing import Any

import kopf

from tradai_operator.decide.settings import CHUNK, CONNECT_SECONDS, SILENT_SECONDS, WATCH_SECONDS
from tradai_operator.handlers.fleet import Fleet
from tradai_operator.model import keys

#: An event is handed on at once, so that nothing is waited for: a thousand tasks that live on hold 50 MB.
_WORKER_SECONDS = 0.1
#: kopf strips its own finalizer where it has no use for it, so it must not be ours.
_UNUSED_FINALIZER = f"{keys.GROUP}/kopf-unused"


class _NothingKept(kopf.DiffBaseStorage):
    """kopf's memory of what a resource was: nobody asks for it here, and each event would be copied for it, twice."""

    def build(self, **_: Any) -> kopf.BodyEssence:
        """Nothing of a body."""
        return kopf.BodyEssence({})

    def fetch(self, **_: Any) -> None:
        """Nothing is known of before."""

    def store(self, **_: Any) -> None:
        """Writes nothing."""


def configure(settings: kopf.OperatorSettings) -> None:
    """No writes, no peering, no scanning; bounded requests."""
    settings.persistence.finalizer = _UNUSED_FINALIZER
    settings.persistence.diffbase_storage = _NothingKept()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.queueing.idle_timeout = _WORKER_SECONDS
    settings.watching.chunk_size = CHUNK
    settings.watching.server_timeout = WATCH_SECONDS
    settings.watching.inactivity_timeout = SILENT_SECONDS
    settings.watching.client_timeout = SILENT_SECONDS + CONNECT_SECONDS
    settings.watching.connect_timeout = CONNECT_SECONDS
    settings.networking.request_timeout = 30
    settings.networking.error_backoffs = [1, 1, 2, 2, 3, 5, 8, 10]


def register(registry: kopf.OperatorRegistry, fleet: Fleet) -> None:
    """Feeds the fleet from the watch on environments."""

    @kopf.on.startup(registry=registry)
    async def on_startup(settings: kopf.OperatorSettings, **_: Any) -> None:
        configure(settings)

    @kopf.on.cleanup(registry=registry)
    async def on_cleanup(**_: Any) -> None:
        await fleet.follow()

    @kopf.on.login(registry=registry)
    def on_login(**kwargs: Any) -> kopf.ConnectionInfo | None:
        return kopf.login_with_service_account(**kwargs) or kopf.login_with_kubeconfig(**kwargs)

    @kopf.on.event(keys.GROUP, keys.VERSION, keys.PLURAL, registry=registry)
    async def on_environment(event: Mapping[str, Any], **_: Any) -> None:
        if event["type"] == "DELETED":
            fleet.gone(event["object"])
        else:
            fleet.seen(event["object"])
