"""Whether a passphrase opens a state, told from the state file alone as the engine tells it.

A state's salt is `v1:<salt>:v1:<nonce>:<ciphertext>`: what is encrypted is a word that everybody knows, under a key
derived from salt and passphrase. Must never keep or print either.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_WORD: Final = b"pulumi"
_ITERATIONS: Final = 1_000_000
_KEY_BYTES: Final = 32


def salt_of_state(body: Mapping[str, Any]) -> str | None:
    """The salt in a state file's JSON; None where the state has none, or another provider of secrets."""
    found = provider(body)
    if found.get("type") != "passphrase":
        return None
    salt: str | None = (found.get("state") or {}).get("salt")
    return salt


def opens_state(body: Mapping[str, Any], passphrase: str) -> bool:
    """Whether it opens the state file of that JSON; one without secrets and resources opens with any."""
    if not provider(body):
        return not _latest(body).get("resources")
    salt = salt_of_state(body)
    return salt is not None and opens(salt, passphrase)


def opens(salt: str, passphrase: str) -> bool:
    """Whether the passphrase is the one that the salt was made with; what is no salt opens with nothing."""
    parts = salt.split(":")
    if len(parts) != 5 or (parts[0], parts[2]) != ("v1", "v1"):
        return False
    try:
        own, nonce, sealed = (base64.b64decode(parts[place], validate=True) for place in (1, 3, 4))
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), own, _ITERATIONS, _KEY_BYTES)
        return AESGCM(key).decrypt(nonce, sealed, None) == _WORD
    except (InvalidTag, ValueError):
        return False


def _latest(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (body.get("checkpoint") or {}).get("latest") or {}
    return found


def provider(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a state file says of how its secrets are protected; nothing in one into which none was ever saved."""
    found: Mapping[str, Any] = _latest(body).get("secrets_providers") or {}
    return found
