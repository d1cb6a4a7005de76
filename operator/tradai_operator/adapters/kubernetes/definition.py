"""Brings the definition of environments to this program's, where whoever runs the operator wants it to do that.

Helm installs a definition once and never upgrades it, and a rollback must bring no older one back: so the operator
brings its own, before anything watches. Must never write over what it has not read, nor lower what is served.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog
from lightkube import AsyncClient
from lightkube.generic_resource import create_global_resource

from tradai_operator.adapters.kubernetes.cluster import MANAGER, explained
from tradai_operator.model import definition, keys
from tradai_operator.ports import ClusterError, RefusedError

#: `true`: this operator brings the definition of its version.
VARIABLE: Final = "TRADAI_KEEP_DEFINITION"
_AGAIN_SECONDS: Final = 2.0
_log = structlog.get_logger("tradai_operator")
Definition: Any = create_global_resource(
    "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions"
)


def wanted(environment: Mapping[str, str]) -> bool:
    """Whether this operator brings its definition; raises ValueError for what is neither true nor false."""
    text = environment.get(VARIABLE) or "false"
    if text not in {"true", "false"}:
        raise ValueError(f"{VARIABLE} is true or false, not {text!r}")
    return text == "true"


class KubeDefinition:
    """The definition as an API server has it, beside ours."""

    def __init__(self, client: AsyncClient, ours: Mapping[str, Any]) -> None:
        self._client = client
        self._ours = ours

    async def keep(self) -> definition.Standing:
        """Applies ours where what is served gives way, and says how that was; waits for a server that does not answer.

        What the API server refuses is told and left: whoever may apply the definition has to.
        """
        while True:
            try:
                return await self._kept()
            except RefusedError as error:
                _log.error("the definition stays as it is: this operator may not bring it", why=str(error))
                return definition.Standing.UNREADABLE
            except ClusterError as error:  # also one that somebody else changed meanwhile: it is read again
                _log.warning("the definition is not brought yet", why=str(error))
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _kept(self) -> definition.Standing:
        served = await self._served()
        found = definition.standing(served, self._ours)
        if found in definition.GIVES_WAY:
            await self._apply(served)
            _log.info("the definition is this version's now", was=found.value)
        elif found is not definition.Standing.SAME:
            _log.warning("the definition stays as it is", why=self._why(found, served or {}))
        return found

    async def _served(self) -> Mapping[str, Any] | None:
        async with explained(f"get the definition {keys.CRD_NAME}", ignore={404}):
            found: Mapping[str, Any] = (await self._client.get(Definition, keys.CRD_NAME)).to_dict()
            return found
        return None

    async def _apply(self, served: Mapping[str, Any] | None) -> None:
        """On top of just the version that was read; where there was none, the API server makes it."""
        metadata = dict(self._ours["metadata"])
        if served is not None:
            metadata["resourceVersion"] = served["metadata"]["resourceVersion"]
        body = Definition.from_dict({**self._ours, "metadata": metadata})
        async with explained(f"apply the definition {keys.CRD_NAME}", creates=served is None):
            await self._client.apply(body, field_manager=MANAGER, force=True)

    def _why(self, found: definition.Standing, served: Mapping[str, Any]) -> str:
        if found is definition.Standing.NEWER:
            return "it is of a newer version of this program; environments that need it go on"
        if found is definition.Standing.WIDER:
            names = ", ".join(definition.missing_blueprints(served, self._ours))
            return f"it has blueprints that are not installed here ({names}): start an image that has them"
        return f"its annotation {keys.DEFINITION} cannot be read: remove that, and the next start brings ours"
