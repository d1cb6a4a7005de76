"""What an instance's first script says of it: its containers' variables and ports, and the names it registers.

Must never run the script.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import yaml

_COMPOSE = re.compile(r"<< 'COMPOSE'\n(.*?)\nCOMPOSE\n", re.DOTALL)
_REGISTERED = re.compile(r"^readonly SERVICES=\(([^)]*)\)$", re.MULTILINE)


@dataclass(frozen=True)
class Script:
    """The script as text."""

    text: str

    @classmethod
    def of(cls, user_data: str) -> Self:
        """The script within a launch template's user data."""
        return cls(base64.b64decode(user_data).decode())

    @property
    def _containers(self) -> list[Mapping[str, Any]]:
        return [each for file in _COMPOSE.findall(self.text) for each in yaml.safe_load(file)["services"].values()]

    @property
    def variables(self) -> tuple[Mapping[str, str], ...]:
        """Those of each container."""
        return tuple(each["environment"] for each in self._containers)

    @property
    def ports(self) -> frozenset[int]:
        """The instance's own, which lead to containers."""
        return frozenset(int(str(port).split(":")[0]) for each in self._containers for port in each["ports"])

    @property
    def registered(self) -> list[str]:
        """Ids of the Service Discovery services under which the instance registers itself."""
        return [each for ids in _REGISTERED.findall(self.text) for each in ids.split()]
