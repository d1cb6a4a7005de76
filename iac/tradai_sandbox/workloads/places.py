"""Where an environment's services answer on this machine: an address in 127/8 of its own, and names that lead there.

Must never give two environments one address, nor one of them that of the machine itself.
"""

import hashlib
import threading
from pathlib import Path
from typing import Final

#: On the path of every workload's Python: it resolves the names, and binds what binds every address.
INJECTED: Final = Path(__file__).with_name("injected")
_FIRST: Final = 1 << 16
_LAST: Final = (1 << 24) - 2


class Places:
    """The addresses that have been given; by the name alone, but where another environment was there before."""

    def __init__(self) -> None:
        self._taken: dict[int, str] = {}
        self._turn = threading.Lock()

    def address(self, environment: str) -> str:
        """`127.23.4.5`."""
        digest = int.from_bytes(hashlib.sha256(environment.encode()).digest()[:8])
        number = _FIRST + digest % (_LAST - _FIRST)
        with self._turn:
            while self._taken.setdefault(number, environment) != environment:
                number = number + 1 if number < _LAST else _FIRST
        return f"127.{number >> 16}.{number >> 8 & 255}.{number & 255}"

    def variables(self, environment: str) -> dict[str, str]:
        """What `injected/sitecustomize.py` reads; nothing without an environment."""
        if not environment:
            return {}
        return {
            "TRADAI_SANDBOX_ADDRESS": self.address(environment),
            "TRADAI_SANDBOX_NAMES": f".tradai-{environment}.local",
        }


PLACES: Final = Places()
