"""The key of KMS that opens a state: how the engine names it, and whether it serves whoever runs the engine.

The engine makes a data key in each run, wraps it with this one, and keeps it wrapped in the state, so that nothing on a
disk is needed to open that. Must never keep or print what it opened.
"""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from tradai_iac.failure import Failure
from tradai_runner.state.passphrase import opens_state, provider

if TYPE_CHECKING:
    from tradai_runner.contract import RunRequest
    from tradai_runner.state.checkpoint import Checkpoint

_SCHEME: Final = "awskms:///"
_PASSPHRASE: Final = "passphrase"  # noqa: S105 - a kind
_PROBE: Final = b"a probe of the pre-flight"


def url_of(key_arn: str) -> str:
    """The key as the engine names its provider of secrets; a person's `pulumi up` takes the same."""
    return f"{_SCHEME}{key_arn}?region={key_arn.split(':')[3]}"


def opened_otherwise(request: "RunRequest", checkpoint: "Checkpoint") -> Failure | None:
    """Why a state is not the request's to open: the engine would protect it anew by what it is given, or not open it.

    Also one of which nothing stands any more: the engine opens that as well.
    """
    wanted, found = request.kms_key or _PASSPHRASE, _named(checkpoint.opener)
    if not found or found == wanted:
        return None
    return Failure(
        kind="Immutable",
        error=f"the secrets of this state are protected by {_words(found)}, and the run was given {_words(wanted)}",
        hint="Nothing was touched. What protects a state was chosen when it was made: make the resource again with "
        "spec.state.secrets as it was (with deletionPolicy: Retain, deleting this one takes nothing). Where nothing of "
        "the layer stands any more, removing its state file (.pulumi/stacks/… of the state bucket) does too.",
    )


def is_opened_by(body: Mapping[str, Any], key_arn: str) -> bool:
    """Whether a state file names that key; one without secrets and resources opens with any."""
    url = str((provider(body).get("state") or {}).get("url") or "")
    return _named(url) == key_arn if url else opens_state(body, "")


def serves(client: Any, key_arn: str, body: Mapping[str, Any]) -> bool:
    """True once the key has wrapped a new data key and opened the state's; raises botocore's errors where it cannot."""
    wrapped = client.encrypt(KeyId=key_arn, Plaintext=_PROBE)["CiphertextBlob"]
    kept = (provider(body).get("state") or {}).get("encryptedkey")
    for blob in (wrapped, *([base64.b64decode(kept)] if kept else [])):
        client.decrypt(KeyId=key_arn, CiphertextBlob=blob)
    return True


def _named(opener: str) -> str:
    """A key's ARN out of the engine's URL; anything else as it is."""
    return opener.removeprefix(_SCHEME).partition("?")[0] if opener.startswith(_SCHEME) else opener


def _words(opener: str) -> str:
    return "a passphrase" if opener == _PASSPHRASE else f"the key {opener}"
