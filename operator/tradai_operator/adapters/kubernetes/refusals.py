"""Reads the API server's refusals: which are of the moment, which stay until somebody changes something.

Pure: status code, message and what was asked in, kind of error and sentence out. Must never take a refusal that stays
for a conflict, since a conflict is tried again at once.
"""

from typing import Final

from tradai_operator.model import admission
from tradai_operator.ports import ClusterError, ConflictError, RefusedError

#: Of a watch: what it should go on from is older than what the API server still knows, as after each of its starts. The
#: way on is to read anew; nobody has to do anything about it.
TOO_OLD: Final = 410
_NOT_FOUND: Final = 404
_GONE: Final = frozenset({_NOT_FOUND, 409})
_REFUSED: Final = frozenset({400, 403, 405, 413, 422})
#: How the API server says that a test of a JSON patch failed: the object is another one or was changed.
_TEST_FAILED: Final = ("testing value", "test failed", "the server rejected our request due to an error in our request")
#: How it says that an admission policy's parameter is not there.
NO_PARAMETER: Final = "no params found for policy binding"


def read(code: int, message: str, *, creates: bool = False) -> tuple[type[ClusterError], str]:
    """The error to raise for an answer, and what it says.

    `creates`: what was asked makes the object where there is none, so that what is not found is where it belongs.
    """
    if NO_PARAMETER in message:
        return RefusedError, (
            f"the ConfigMap {admission.PARAMETER_NAMESPACE}/{admission.PARAMETER} is missing, without which every "
            f"change of an environment is refused: apply crds/{admission.FILE.name}, which has it"
        )
    said = message or str(code)
    if creates and code == _NOT_FOUND:
        return RefusedError, f"{said}; create that first"
    if code in _GONE or (code == 422 and any(words in message for words in _TEST_FAILED)):
        return ConflictError, said
    return (RefusedError if code in _REFUSED else ClusterError), said
