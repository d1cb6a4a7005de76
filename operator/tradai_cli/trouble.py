"""What no word can help: a server that is silent, refuses, or is not there. One sentence for each, and the way out.

Only libraries that are loaded are asked. Must never speak for a bug: that is a traceback.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

_CONFIG: Final = "`. .sandbox/env`, or set KUBECONFIG"
_RIGHTS: Final = "; ask the cluster's administrators for rights as in crds/examples/rbac.yaml"
_UNKNOWN: Final = "this cluster has no TradaiEnvironment definition: `kubectl apply --server-side -f crds/` installs it"
#: The message of an admission policy, which says itself what to do.
_POLICY: Final = "denied request: "
_BUSY: Final = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Trouble:
    """An error, where its class is, and what a person reads of it; `says` answers None where it is no such trouble."""

    module: str
    kind: str
    says: Callable[[Any], str | None]


def sentence(error: BaseException) -> str | None:
    """What to tell a person of an error that is no bug, None of all others."""
    for row in TROUBLES:
        loaded = sys.modules.get(row.module)
        if loaded and isinstance(error, getattr(loaded, row.kind)) and (told := row.says(error)):
            return " ".join(told.split())
    return None


def _refused(error: Any) -> str:
    """What the API server says, by its code."""
    status = error.status
    told, code = status.message or status.reason or "it does not say why", status.code
    if code == 401:
        return f"the API server does not accept your credentials: renew your credentials, or check KUBECONFIG ({told})"
    if code == 403:
        return f"Kubernetes refused: {told}{'' if _POLICY in told else _RIGHTS}"
    if code == 404:
        return _missing(status, told)
    if code in _BUSY:
        return f"the API server is not ready, try again in a moment ({told})"
    return f"Kubernetes refused: {told}"


def _missing(status: Any, told: str) -> str:
    if status.details and status.details.name:
        return f"{status.details.name} does not exist any more: `kubectl get tradaienv -A` shows what does ({told})"
    return f"{_UNKNOWN} ({told})"


def _no_api(error: Any) -> str:
    response = getattr(error, "response", None)
    if response is not None and response.status_code == 404:
        return f"{_UNKNOWN}, or KUBECONFIG names another server ({error})"
    return f"what answers is not a Kubernetes API server: check KUBECONFIG ({error})"


def _no_program(error: Any) -> str | None:
    name = str(error.filename or "")
    if not name or "/" in name:
        return None
    return f"{name} is not on the PATH: install it, or `. .sandbox/env` for what the sandbox brings"


def _first(before: str) -> Callable[[Any], str]:
    return lambda error: f"{before} ({error})"


#: The first row that fits speaks.
TROUBLES: Final = (
    Trouble("lightkube.core.exceptions", "ApiError", _refused),
    Trouble("lightkube.core.exceptions", "ConfigError", _first(f"no API server is configured: {_CONFIG}")),
    Trouble("httpx2", "HTTPStatusError", _no_api),
    Trouble("msgspec", "DecodeError", _no_api),
    Trouble(
        "httpx2",
        "TransportError",
        _first("the API server does not answer: bring the sandbox up with `tradai sandbox up`, or check KUBECONFIG"),
    ),
    Trouble("tradai_iac.plugged", "PlugInError", _first("an installed plug-in cannot be used")),
    Trouble(
        "botocore.exceptions",
        "ConnectionError",
        _first("AWS does not answer: bring the sandbox up with `tradai sandbox up`, or check AWS_ENDPOINT_URL"),
    ),
    Trouble(
        "botocore.exceptions",
        "NoCredentialsError",
        _first("there are no credentials for AWS: `. .sandbox/env`, or log in to the account"),
    ),
    Trouble(
        "botocore.exceptions",
        "BotoCoreError",
        _first("AWS cannot be called: check AWS_PROFILE and the other AWS_ variables"),
    ),
    Trouble("botocore.exceptions", "ClientError", _first("AWS refused the call: check whose credentials these are")),
    Trouble("builtins", "FileNotFoundError", _no_program),
)
