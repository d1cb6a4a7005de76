"""What a host's name says by itself: whether it is of the inside of a cluster, a network or a machine.

The same for the API server, in CEL, and for whoever reads a manifest. Must never call a name public: what it resolves
to is looked at when it is called (`adapters.web`).
"""

import re
from typing import Final

#: Names below these are never of the internet; what a cluster calls `name.namespace.svc` is one of them.
_INSIDE: Final = (".svc", ".local", ".internal", ".localhost", ".localdomain", ".home.arpa", ".lan")
#: What every cluster calls its API server, whatever is left out behind it.
_API_SERVER: Final = "kubernetes.default"
#: A last part that is a number makes an address of the whole, in one of its many spellings.
_NUMBER: Final = "(^|[.])(0x[0-9a-f]*|[0-9]+)$"


def is_inside(host: str) -> bool:
    """Whether the text alone says so; an address written as numbers and a name that ends in a dot count as inside."""
    low = host.lower()
    return "." not in low or low == _API_SERVER or low.endswith((".", *_INSIDE)) or bool(re.search(_NUMBER, low))


def inside_in_cel(url: str) -> str:
    """CEL: whether the host of an address (http or https, no user) is inside."""
    host = f"{url}.lowerAscii().split('://')[1].split('/')[0].split(':')[0]"
    suffixes = f"{list(_INSIDE)}.exists(s, h.endsWith(s))"
    named = f"!h.contains('.') || h == '{_API_SERVER}' || h.endsWith('.')"
    return f"[{host}].exists(h, {named} || h.matches('{_NUMBER}') || {suffixes})"
