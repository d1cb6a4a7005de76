"""What tools say when a machine lacks something, and the sentence that tells a person what to do about it.

Must never explain away what it does not know: everything else is shown as it was said.
"""

import re

_UNREACHABLE = (
    r"connection refused|no route to host|network is unreachable|no such host|name or service not known"
    r"|temporary failure in name resolution|nodename nor servname|dns error|max retries exceeded"
    r"|failed to establish a new connection|(connect|read) ?time(d ?)?out|i/o timeout|tunnel connection failed"
    r"|error sending request|could not connect|cannot connect to proxy|tls handshake timeout|from versions: none"
)
#: A pattern, and what to do where it is found; the first one counts.
_KNOWN = (
    (
        r"module lookup disabled by GOPROXY=off",
        "The Go modules cannot be fetched, because GOPROXY is off: unset it, or name a proxy that this machine "
        "reaches, and run this again",
    ),
    (
        rf"(?s)(dial tcp|proxyconnect|\.mod\b|@v/).*?({_UNREACHABLE})",
        "The Go modules cannot be fetched, because their proxy does not answer: connect this machine, or name "
        "another proxy in GOPROXY, and run this again",
    ),
    (
        _UNREACHABLE,
        "The Python packages cannot be fetched, because their index does not answer or lacks them: connect this "
        "machine, or name another index in PIP_INDEX_URL and UV_INDEX_URL, and run this again",
    ),
    (
        r"no space left on device|disk quota exceeded",
        "The disk is full: make room (README says how much is needed), and run this again",
    ),
)


def sentence(output: str) -> str | None:
    """What to do about what `output` tells, None where that is not known."""
    return next((known for pattern, known in _KNOWN if re.search(pattern, output, re.IGNORECASE)), None)
