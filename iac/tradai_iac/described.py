"""What an output is, said where it is declared; the canonical document shows it.

Must never give a field a default: an output that a program forgets is a type error.
"""

from dataclasses import Field, field
from typing import Any, Final

_KEY: Final = "what"


def output(what: str) -> Any:
    """A required output with one sentence of what it is."""
    return field(metadata={_KEY: what})


def what(of: Field[Any]) -> str:
    """That sentence; raises KeyError where there is none."""
    return str(of.metadata[_KEY])
