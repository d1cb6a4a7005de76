"""Images in ECR: the `Images` port over botocore, in threads, since botocore blocks.

One client a registry, kept: making one costs more than a look. Must never block the event loop.
"""

import asyncio
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

from tradai_iac.images.wanted import Registry, Resolution, WantedImage

if TYPE_CHECKING:
    from tradai_iac.images.registry import EcrRegistry


class EcrImages:
    """The registries of all environments."""

    def __init__(self) -> None:
        self._known: dict[Registry, EcrRegistry] = {}
        self._making = Lock()

    async def resolve(self, registry: Registry, wanted: Sequence[WantedImage]) -> Resolution:
        """What stands behind each tag."""
        return await asyncio.to_thread(self._resolve, registry, wanted)

    def _resolve(self, registry: Registry, wanted: Sequence[WantedImage]) -> Resolution:
        from tradai_iac.images.registry import EcrRegistry  # botocore takes memory that not every operator needs

        with self._making:
            if registry not in self._known:
                self._known[registry] = EcrRegistry(registry)
        return self._known[registry].resolve(wanted)
