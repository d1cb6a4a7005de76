"""Keeps what an environment was: the manifest of each success goes to the state bucket, then the status names it.

Must never hold a reconcile up: a bucket that does not answer is asked again later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from tradai_operator.decide.settings import Settings
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.ports import Archive, ArchiveError, Shelf
from tradai_operator.status.history import file_of, next_revision, noted, record

_log = structlog.get_logger()
_AWS: Final = "AWS"


@dataclass(frozen=True)
class History:
    """One environment's."""

    archive: Archive
    settings: Settings

    async def kept(
        self, env: Environment, body: Mapping[str, Any], before: EnvironmentStatus, after: EnvironmentStatus, now: float
    ) -> EnvironmentStatus:
        """`after` with its entry, where it is a success that the history does not know."""
        program = env.spec.program.version or self.settings.program_version
        entry = next_revision(before, after, program, now)
        if entry is None:
            return after
        try:
            await self.archive.keep(shelf_of(env, self.settings), file_of(entry), record(body, after, entry))
        except ArchiveError as error:
            _log.warning("the manifest could not be kept", why=str(error))
            return noted(after, entry)
        return noted(after, entry.model_copy(update={"kept": True}))


def shelf_of(env: Environment, settings: Settings) -> Shelf:
    """Where the environment's records are."""
    spec = env.spec
    endpoint = spec.aws.endpoint_url or settings.endpoint_url
    return Shelf(spec.state.backend_url, spec.aws.region, endpoint, spec.declaration.project, spec.environment)


def place_of(shelf: Shelf) -> str:
    """Where a state bucket is, the operator's own endpoint included: somebody else's answer is none of this one."""
    return f"{shelf.backend_url} {shelf.endpoint_url or _AWS}"
