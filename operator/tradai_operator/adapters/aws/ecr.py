"""Images in ECR: the `Images` port over botocore, in threads, since botocore blocks.

One client a registry, kept: making one costs more than a look. Must never block the event loop.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Final

from tradai_iac.images.wanted import Registry, Resolution, WantedImage

if TYPE_CHECKING:
    from tradai_iac.images.registry import EcrRegistry

#: How many: a role and an external id make each environment's its own, and a client takes a megabyte.
KEPT: Final = 32


class EcrImages:
    """The registries of all environments: those asked last are known, the others are made anew when they are asked."""

    def __init__(self, kept: int = KEPT) -> None:
        self._known: OrderedDict[Registry, EcrRegistry] = OrderedDict()
        self._kept = kept
        self._making = Lock()

    async def resolve(self, registry: Registry, wanted: Sequence[WantedImage]) -> Resolution:
        """What stands behind each tag."""
        return await asyncio.to_thread(self._resolve, registry, wanted)

    def _resolve(self, registry: Registry, wanted: Sequence[WantedImage]) -> Resolution:
        from tradai_iac.images.registry import EcrRegistry  # botocore takes memory that not every operator needs

        with self._making:
            known = self._known.pop(registry, None) or EcrRegistry(registry)
            self._known[registry] = known
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
        return known.resolve(wanted)
