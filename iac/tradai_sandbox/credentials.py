"""The secrets of one sandbox: made once, kept in one file that only this user can read.

Must never leave the sandbox's directory but through its own API server.
"""

import os
import secrets
from pathlib import Path

from tradai_iac.base import Frozen


class Credentials(Frozen):
    """Tokens of the API server's users, the state's passphrase, and the values of 002 §8."""

    admin_token: str
    controller_manager_token: str
    passphrase: str
    environment_secrets: dict[str, str]


def _new() -> Credentials:
    return Credentials(
        admin_token=secrets.token_urlsafe(24),
        controller_manager_token=secrets.token_urlsafe(24),
        passphrase=secrets.token_urlsafe(24),
        environment_secrets={
            "database-url": f"postgresql://tradai:{secrets.token_urlsafe(12)}@localhost:5432/tradai",
            "mlflow-credentials": f'{{"username":"mlflow","password":"{secrets.token_urlsafe(12)}"}}',
            "binance-api": f'{{"key":"{secrets.token_urlsafe(24)}","secret":"{secrets.token_urlsafe(24)}"}}',
            "jwt-secret": secrets.token_urlsafe(32),
        },
    )


def ensure(path: Path) -> Credentials:
    """The credentials in `path`, made now if there are none."""
    if path.exists():
        return Credentials.model_validate_json(path.read_text())
    credentials = _new()
    write_private(path, credentials.model_dump_json(indent=1))
    return credentials


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can ever have read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
