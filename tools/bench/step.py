"""What one run of a layer cost, and the figures of many.

Pure. Must never average what people want to see apart: environments, layers and steps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tools.bench.calls import TypeCost, added, by_provider, costs, number
from tools.bench.cpu import Kind
from tools.bench.figures import Figure
from tradai_sandbox.aws.calls import Calls

#: The most AWS calls that a resource should take.
AIMS: Final = {"create": 3.0, "refresh": 1.0}


@dataclass(frozen=True)
class Step:
    """One run: how many AWS resources there are by type, how many it changed, seconds, and all calls meanwhile."""

    environment: str
    layer: str
    step: str
    types: Mapping[str, int]
    changed: int
    wall: float
    cpu: Mapping[Kind, float]
    calls: tuple[Calls, ...]

    @property
    def resources(self) -> int:
        """How many AWS resources the layer has, or had before they were destroyed."""
        return sum(self.types.values())

    @property
    def provider_calls(self) -> int:
        """The provider's calls, those for no resource included."""
        return number(by_provider(self.calls))

    @property
    def other_calls(self) -> int:
        """Everybody else's: the state's and its locks' above all."""
        return number(self.calls) - self.provider_calls

    @property
    def ratio(self) -> float:
        """The provider's calls a resource; of an update, a changed one."""
        return self.provider_calls / max(self.changed if self.step == "update" else self.resources, 1)


def type_costs(steps: Iterable[Step], step: str) -> list[TypeCost]:
    """What each type costs in one step, all environments and layers together."""
    return added(cost for each in steps if each.step == step for cost in costs(each.calls, each.types))


def figures(steps: Iterable[Step]) -> list[Figure]:
    """What has an aim, by environment and layer; and whether doing the same again changed anything."""
    found = []
    for each in steps:
        about = f"stacks {each.environment}"
        if each.step in AIMS:
            name = f"{each.layer}: AWS calls a resource, {each.step}"
            found.append(Figure(about, name, each.ratio, "", AIMS[each.step]))
        if each.step == "create":
            found.append(Figure(about, f"{each.layer}: AWS resources", each.resources, ""))
        if each.step == "unchanged":
            found.append(Figure(about, f"{each.layer}: changed by a second up", each.changed, "", 0))
    return found
