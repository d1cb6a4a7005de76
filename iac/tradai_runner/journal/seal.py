"""Seals secret outputs with the passphrase of the state, so that they can cross the journal.

Whoever may open the state may open these, and nobody else. Must never log what it seals.
"""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

_SALT_BYTES = 16


class WrongPassphraseError(ValueError):
    """The sealed text was made with another passphrase."""


def seal(values: Mapping[str, Any], passphrase: str) -> str:
    """JSON-able values as one opaque text; an empty mapping is an empty text."""
    if not values:
        return ""
    salt = os.urandom(_SALT_BYTES)
    token = _cipher(passphrase, salt).encrypt(json.dumps(dict(values), sort_keys=True).encode())
    return base64.urlsafe_b64encode(salt).decode() + "." + token.decode()


def unseal(sealed: str, passphrase: str) -> dict[str, Any]:
    """The values again; raises WrongPassphraseError."""
    if not sealed:
        return {}
    salt, _, token = sealed.partition(".")
    try:
        text = _cipher(passphrase, base64.urlsafe_b64decode(salt)).decrypt(token.encode())
    except InvalidToken as error:
        raise WrongPassphraseError("these outputs were sealed with another passphrase") from error
    values: dict[str, Any] = json.loads(text)
    return values


def _cipher(passphrase: str, salt: bytes) -> Fernet:
    key = Scrypt(salt=salt, length=32, n=2**14, r=8, p=1).derive(passphrase.encode())
    return Fernet(base64.urlsafe_b64encode(key))
