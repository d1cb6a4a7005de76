"""Collects what a program exports while it runs, secret values apart from plain ones.

Must never let a secret value into `outputs`: secrecy is asked of each output, not guessed from its name.
"""

from typing import Any

import pulumi


class Exports:
    """The exported values of one run, known once the program has ended."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._secret: set[str] = set()

    def collect(self, name: str, output: pulumi.Output[Any]) -> None:
        """Notes the value of one output as soon as it is known; in a preview it may never be."""

        async def note(value: Any) -> Any:
            self._values[name] = value
            if await output.is_secret():
                self._secret.add(name)
            return value

        output.apply(note)

    def split(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """(plain, secret) values by name."""
        plain = {name: value for name, value in self._values.items() if name not in self._secret}
        return plain, {name: self._values[name] for name in self._secret}
