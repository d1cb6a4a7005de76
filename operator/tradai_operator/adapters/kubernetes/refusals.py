"""Reads the API server's refusals: which are of the moment, which stay until somebody changes something.

Pure: status code and message in, kind of error and sentence out. Must never take a refusal that stays for a conflict,
since a conflict is tried again at once.
"""

from typing import Final

from tradai_operator.model import admission
from tradai_operator.ports import ClusterError, ConflictError, RefusedError

_GONE: Final = frozenset({404, 409})
_REFUSED: Final = frozenset({400, 403, 405, 413, 422})
#: How the API server says that a test of a JSON patch failed: the object is another one or was changed.
_TEST_FAILED: Final = ("testing value", "test failed", "the server rejected our request due to an error in our request")
#: How it says that an admission policy's parameter is not there.
_NO_PARAMETER: Final = "no params found for policy binding"


def read(code: int, message: str) -> tuple[type[ClusterError], str]:
    """The error to raise for an answer, and what it says."""
    if _NO_PARAMETER in message:
        return RefusedError, (
            f"the ConfigMap {admission.PARAMETER_NAMESPACE}/{admission.PARAMETER} is missing, without which every "
            f"change of an environment is refused: apply crds/{admission.FILE.name}, which has it"
        )
    said = message or str(code)
    if code in _GONE or (code == 422 and any(words in message for words in _TEST_FAILED)):
        return ConflictError, said
    return (RefusedError if code in _REFUSED else ClusterError), said
