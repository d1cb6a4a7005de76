"""The figures of functions: from what was measured to values beside their limits.

Pure, but for the file of deployed variables. Must never leave out a function because of what it measured.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from tools.bench.figures import Figure, percentile
from tradai_sandbox.layout import CHECKOUT

_GIVEN: Final = CHECKOUT / "tests" / "unit" / "iac" / "functions_given.json"
#: Of the handler's own work, in milliseconds.
OVERHEAD_MS: Final = 5.0
#: Of memory and time, in percent.
HEADROOM: Final = 40.0
_CHOICES: Final = {"ENVIRONMENT": "dev", "LAUNCH_MODE": "ecs", "STANDING_SERVICES": "none", "ECS_SUBNETS": "a,b"}


@dataclass(frozen=True)
class Cost:
    """One function: its limits, seconds to its first answer and of warm ones, most memory, and its last answer."""

    function: str
    memory_mib: int
    timeout_s: int
    cold_s: float
    warm_s: tuple[float, ...]
    peak_mib: float
    said: str

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return asdict(self)


def variables(function: str) -> dict[str, str]:
    """A value for each variable that is deployed for a function; addresses lead nowhere."""
    given: Mapping[str, Any] = json.loads(_GIVEN.read_text())[function]
    return {name: _value(name) for name in given["variables"]}


def _value(name: str) -> str:
    address = "http://127.0.0.1:9" if name.endswith(("_URL", "_URI")) else f"bench-{name.lower()}"
    return _CHOICES.get(name, address)


def figures(cost: Cost, bare: Cost) -> list[Figure]:
    """What is told of one function; `bare` is a handler that does nothing, measured in the same run."""
    about = f"lambdas {cost.function}"
    warm, nothing = percentile(cost.warm_s, 0.5), percentile(bare.warm_s, 0.5)
    return [
        Figure(about, "cold start", cost.cold_s, "s"),
        Figure(about, "cold start against the bare handler's", cost.cold_s / bare.cold_s, "times"),
        Figure(about, "warm invocation", warm * 1000, "ms"),
        Figure(about, "handler overhead without AWS calls", (warm - nothing) * 1000, "ms", OVERHEAD_MS),
        Figure(about, f"peak memory of {cost.memory_mib} MB", cost.peak_mib, "MiB"),
        Figure(about, "memory headroom", headroom(cost.peak_mib, cost.memory_mib), "%", HEADROOM, "at least"),
        Figure(
            about, "time headroom of a cold start", headroom(cost.cold_s, cost.timeout_s), "%", HEADROOM, "at least"
        ),
    ]


def headroom(used: float, limit: float) -> float:
    """What is left of a limit, in percent of it."""
    return (1 - used / limit) * 100
