"""The step itself: the bundle is turned where it is due, and the files of this task are written.

Doing it twice changes nothing but certificates, which are new each time. Must never go on with a bundle that is not
kept: the next start would know nothing of it.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tradai_control_plane.base import StepError
from tradai_control_plane.bundle import Bundle
from tradai_control_plane.files import files, password_file
from tradai_control_plane.keys import MAKERS
from tradai_control_plane.rotation import Ages, turned
from tradai_control_plane.store import Store, private

_ATTEMPTS: Final = 5
_NEEDED: Final = (
    "TRADAI_AUTHORITY_SECRET",
    "TRADAI_DATABASE_SECRET",
    "TRADAI_DATABASE_HOST",
    "TRADAI_API_NAMES",
    "TRADAI_FILES",
)


@dataclass(frozen=True)
class Wanted:
    """What the environment says."""

    authority_secret: str
    database_secret: str
    database_host: str
    names: tuple[str, ...]
    folder: Path


def wanted(environment: Mapping[str, str]) -> Wanted:
    """Raises StepError that names what is missing."""
    if missing := [name for name in _NEEDED if not environment.get(name)]:
        raise StepError(f"the task definition does not set {', '.join(missing)}")
    authority, database, host, names, folder = (environment[name] for name in _NEEDED)
    return Wanted(authority, database, host, tuple(names.split(",")), Path(folder))


def kept_bundle(store: Store, now: datetime, ages: Ages = Ages()) -> Bundle:  # noqa: B008 - frozen
    """The bundle as it is from now on, kept; whoever else has written meanwhile is followed."""
    for _ in range(_ATTEMPTS):
        kept = store.read()
        due = turned(kept.bundle, now, MAKERS, ages)
        if due == kept.bundle or store.write(due, kept.version):
            return due
    raise StepError("somebody else keeps writing the authority's secret: let one control plane start at a time")


def prepare(asked: Wanted, store: Store, password: Callable[[], tuple[str, str]], now: datetime) -> Bundle:
    """Writes every file, the certificates that others trust first; gives the bundle."""
    bundle = kept_bundle(store, now)
    os.umask(0o077)
    for name, text in files(bundle, asked.names, now).items():
        private(asked.folder / name, text)
    private(asked.folder / "database.pass", password_file(asked.database_host, *password()))
    return bundle


def database_password(client: Any, arn: str) -> tuple[str, str]:
    """User and password as RDS keeps them; raises StepError where the secret has neither."""
    found = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
    if not {"username", "password"} <= found.keys():
        raise StepError(f"{arn} holds no username and password: it is not the secret that RDS manages")
    return found["username"], found["password"]
