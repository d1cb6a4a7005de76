"""How the values of a run's secrets reach its container: as files that the container's platform mounts, or by a
secret of AWS that the run reads once and removes.

The environment carries references only. Must never leave a value on a disk, nor in AWS once it was read.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import boto3

from tradai_runner.process.writes import point

#: The folder with one file a value.
FOLDER: Final = "TRADAI_SECRETS_DIR"
#: The name of a Secrets Manager secret that holds them as one JSON object; it has the run's own region.
REFERENCE: Final = "TRADAI_SECRETS_ID"


def folder_of(environment: Mapping[str, str], region: str, client: Any = None) -> Path:
    """The folder with the values; raises KeyError where the environment names none, botocore's errors."""
    if FOLDER in environment:
        return Path(environment[FOLDER])
    name = environment[REFERENCE]
    manager = client or boto3.client("secretsmanager", region_name=region)
    values = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    memory = Path("/dev/shm")  # noqa: S108 - memory, so that no secret ever reaches a disk
    folder = Path(tempfile.mkdtemp(prefix="tradai-secrets-", dir=memory if memory.is_dir() else None))
    for file, value in values.items():
        _write(folder / file, value)
    with point("task.secret.delete"):
        manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    return folder


def _write(path: Path, value: str) -> None:
    with point("run.secrets"):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
