"""Where the bundle is kept: the port, a secret of Secrets Manager behind it, and a folder for whoever tries it out.

Must never take for absent what could not be read: a new authority would lock everybody out.
"""

import json
import os
import uuid
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from pydantic import ValidationError

from tradai_control_plane.base import StepError
from tradai_control_plane.bundle import Bundle

_NAMESPACE: Final = uuid.UUID("6f1c7b1e-6a3e-4f0e-9b1a-2f8d9f4f7a10")


class Kept(NamedTuple):
    """The bundle, empty where none was ever written, and the version that it is of."""

    bundle: Bundle
    version: str


class Store(Protocol):
    """Reads and writes the bundle, one version after the other."""

    def read(self) -> Kept:
        """What is kept; raises StepError where nobody can tell."""

    def write(self, bundle: Bundle, after: str) -> bool:
        """Whether it is kept now; False where somebody else has written after that version."""


def parsed(text: str) -> Bundle:
    """The bundle in that text; raises StepError for another."""
    try:
        return Bundle.model_validate_json(text)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise StepError(
            f"the authority's secret holds no bundle of this version ({places}): restore an older version of it"
        ) from None


class SecretsManager:
    """A secret, by its ARN; `client` is boto3's."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def read(self) -> Kept:
        """The current value; a secret without any was made a moment ago."""
        try:
            found = self._client.get_secret_value(SecretId=self._arn)
        except self._client.exceptions.ResourceNotFoundException:
            if self._client.describe_secret(SecretId=self._arn).get("VersionIdsToStages"):
                raise StepError(f"{self._arn} has versions, but no current one: put AWSCURRENT on the newest") from None
            return Kept(Bundle(), "")
        return Kept(parsed(found["SecretString"]), found["VersionId"])

    def write(self, bundle: Bundle, after: str) -> bool:
        """The version is called after the one before it, so that two who follow the same cannot both write."""
        token = str(uuid.uuid5(_NAMESPACE, f"{self._arn}\n{after}"))
        try:
            self._client.put_secret_value(
                SecretId=self._arn, SecretString=bundle.model_dump_json(), ClientRequestToken=token
            )
        except self._client.exceptions.ResourceExistsException:
            return False
        return True


class Folder:
    """A file in a folder, for one process at a time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "bundle.json"

    def read(self) -> Kept:
        """What the file has."""
        if not self._file.exists():
            return Kept(Bundle(), "0")
        found = json.loads(self._file.read_text())
        return Kept(Bundle.model_validate(found["bundle"]), found["version"])

    def write(self, bundle: Bundle, after: str) -> bool:
        """Over the version that it was made from."""
        if self.read().version != after:
            return False
        private(self._file, json.dumps({"version": str(int(after) + 1), "bundle": bundle.model_dump(mode="json")}))
        return True


def private(path: Path, text: str) -> None:
    """Write a file that only this user can ever have read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)
