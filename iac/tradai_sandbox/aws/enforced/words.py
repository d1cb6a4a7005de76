"""How the endpoint is told whether policies count, while it runs: restarting it would forget every resource.

Must never import moto: whoever says these words is another process.
"""

from typing import Final

#: GET tells whether they do, PUT sets it.
CONTROL_PATH: Final = "/_sandbox/enforce"
WORDS: Final = {"on": True, "off": False}


def word(on: bool) -> str:
    """How it is said."""
    return next(said for said, meant in WORDS.items() if meant is on)
