"""Whether a passphrase opens a state, told from the state file alone as the engine tells it.

A state's salt is `v1:<salt>:v1:<nonce>:<ciphertext>`: what is encrypted is a word that everybody knows, under a key
derived from salt and passphrase. Must never be slower than the engine, which derives the same key.
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
    latest = (body.get("checkpoint") or {}).get("latest") or {}
    provider = latest.get("secrets_providers") or {}
    if provider.get("type") != "passphrase":
        return None
    salt: str | None = (provider.get("state") or {}).get("salt")
    return salt


def opens(salt: str, passphrase: str) -> bool:
    """Whether the passphrase is the one that the salt was made with; raises ValueError for what is no salt."""
    version, _, rest = salt.partition(":")
    raw, _, sealed = rest.partition(":")
    inner, nonce, text = sealed.split(":")
    if (version, inner) != ("v1", "v1"):
        raise ValueError(f"a salt of another version: {version}")
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), base64.b64decode(raw), _ITERATIONS, _KEY_BYTES)
    try:
        return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(text), None) == _WORD
    except InvalidTag:
        return False
