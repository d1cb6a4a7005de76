"""KMS: a key that is disabled, or is to be deleted, neither encrypts nor decrypts; it is known by its ARN as well.

Must never change what a key that serves has encrypted.
"""

from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.kms import models
from moto.kms.utils import _deserialize_ciphertext_blob

from tradai_sandbox.moto_ext.gaps.patching import wrap

#: What changes a key's state, for which moto knows it by its id alone.
_BY_ARN: Final = ("enable_key", "disable_key", "schedule_key_deletion", "cancel_key_deletion")
_SAYS: Final = {
    "Disabled": ("DisabledException", "{arn} is disabled."),
    "PendingDeletion": ("KMSInvalidStateException", "{arn} is pending deletion."),
}


def repair() -> None:
    """Ask for the key's state before it is used."""
    wrap(models.KmsBackend, encrypt=_encrypting, decrypt=_decrypting, **dict.fromkeys(_BY_ARN, _by_either))


def key_id_of(blob: bytes) -> str | None:
    """The id of the key that encrypted it, as KMS reads it from there; None for what is not KMS's."""
    try:
        found: str = _deserialize_ciphertext_blob(ciphertext_blob=blob).key_id
    except Exception:  # whatever it is, moto says so itself
        return None
    return found


def _encrypting(original: Any) -> Any:
    def encrypt(self: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
        _demand(self, self.any_id_to_key_id(key_id))
        return original(self, key_id, *args, **kwargs)

    return encrypt


def _decrypting(original: Any) -> Any:
    def decrypt(self: Any, ciphertext_blob: bytes, *args: Any, **kwargs: Any) -> Any:
        _demand(self, key_id_of(ciphertext_blob))
        return original(self, ciphertext_blob, *args, **kwargs)

    return decrypt


def _by_either(original: Any) -> Any:
    def changed(self: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
        return original(self, self.any_id_to_key_id(key_id), *args, **kwargs)

    return changed


def _demand(backend: Any, key_id: str | None) -> None:
    key = backend.keys.get(key_id)
    code, says = _SAYS.get(key.key_state, ("", "")) if key else ("", "")
    if code:
        raise JsonRESTError(code, says.format(arn=key.arn))
