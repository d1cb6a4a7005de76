"""`homes`: the parts one after the other, each with servers of its own.

Must never leave a part out silently: what the machine lacks is said at once, and stands in the report.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tools.bench.bed import say
from tools.bench.figures import Figure, Report
from tools.bench.homes import needs
from tools.bench.homes.chart import chart
from tools.bench.homes.gitops import gitops
from tools.bench.homes.planes import planes
from tools.provision.say import LackError


@dataclass(frozen=True)
class Part:
    """`demand` raises LackError where `measure` could not go to its end."""

    name: str
    demand: Callable[[], None]
    measure: Callable[[float], Report]


PARTS: Final = (
    Part("sandbox and ECS", needs.ecs, planes),
    Part("chart", needs.chart, chart),
    Part("ArgoCD", needs.argocd, gitops),
)


def homes(minutes: float) -> Report:
    """All that this machine can play; `minutes` is how long the idle ones are looked at, five at most."""
    return played(PARTS, minutes)


def played(parts: tuple[Part, ...], minutes: float) -> Report:
    """The figures of the parts; `lacks` of the samples says which were left out, and why."""
    figures: list[Figure] = []
    samples: dict[str, Any] = {}
    lacks: dict[str, str] = {}
    for part in parts:
        try:
            part.demand()
        except LackError as lack:
            lacks[part.name] = str(lack)
            say(f"{part.name} is left out: {lack}")
            continue
        say(part.name)
        measured, samples[part.name] = part.measure(minutes)
        figures += measured
    return figures, samples | {"lacks": lacks}
