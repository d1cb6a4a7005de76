"""Whether a passphrase opens a state file, without asking the engine.

The engine encrypts one known word with the key that it derives from the passphrase. Must never keep or print either.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

_ROUNDS: Final = 1_000_000
_WORD: Final = b"pulumi"


def opens(body: Mapping[str, Any], passphrase: str) -> bool:
    """Whether `passphrase` opens the state file of that JSON; one without secrets and resources opens with any."""
    latest = body.get("checkpoint", {}).get("latest") or {}
    provider = latest.get("secrets_providers") or {}
    if not provider:
        return not latest.get("resources")
    if provider.get("type") != "passphrase":
        return False
    return _proves(str((provider.get("state") or {}).get("salt", "")), passphrase)


def _proves(salt: str, passphrase: str) -> bool:
    """`v1:<salt>:v1:<nonce>:<the word, encrypted>`, each in base64."""
    parts = salt.split(":")
    if len(parts) != 5 or (parts[0], parts[2]) != ("v1", "v1"):
        return False
    try:
        own, nonce, sealed = (base64.b64decode(parts[place], validate=True) for place in (1, 3, 4))
        key = PBKDF2HMAC(algorithm=SHA256(), length=32, salt=own, iterations=_ROUNDS).derive(passphrase.encode())
        return AESGCM(key).decrypt(nonce, sealed, None) == _WORD
    except (InvalidTag, binascii.Error, ValueError):
        return False
