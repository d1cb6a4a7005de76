"""What a resource costs in AWS calls, by type: arithmetic over what the endpoint counted.

Pure. Must never take a call for a resource's that anybody but the provider made.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tradai_sandbox.aws.calls import PROVIDER, Calls


@dataclass(frozen=True)
class TypeCost:
    """All calls for the resources of one type; `operations` counts them by operation."""

    type: str
    resources: int
    operations: Mapping[str, int]

    @property
    def calls(self) -> int:
        """How many calls that is."""
        return sum(self.operations.values())

    def excess(self, aim: float) -> float:
        """How many calls there are beyond `aim` a resource."""
        return self.calls - aim * self.resources


def by_provider(calls: Iterable[Calls]) -> list[Calls]:
    """The calls that the provider made, those for no resource (who am I) included."""
    return [each for each in calls if each.caller.partition(" ")[0] == PROVIDER]


def number(calls: Iterable[Calls]) -> int:
    """How many calls were made."""
    return sum(each.count for each in calls)


def type_of(calls: Calls) -> str:
    """The type for which the provider called (`provider create TYPE`), empty for none."""
    return calls.caller.partition(" ")[2].partition(" ")[2]


def costs(calls: Iterable[Calls], resources: Mapping[str, int]) -> list[TypeCost]:
    """Each type of `resources` with its calls; types without resources, which are look-ups, are left out."""
    counts = {kind: Counter[str]() for kind in resources}
    for each in by_provider(calls):
        if type_of(each) in counts:
            counts[type_of(each)][each.operation] += each.count
    return [TypeCost(kind, resources[kind], counts[kind]) for kind in resources]


def added(found: Iterable[TypeCost]) -> list[TypeCost]:
    """One cost a type, of however many runs."""
    resources, counts = Counter[str](), dict[str, Counter[str]]()
    for each in found:
        resources[each.type] += each.resources
        counts.setdefault(each.type, Counter()).update(each.operations)
    return [TypeCost(kind, resources[kind], counts[kind]) for kind in counts]


def over(found: Iterable[TypeCost], aim: float) -> list[TypeCost]:
    """The types that need more than `aim` calls a resource, those with most calls beyond it first."""
    exceeding = [each for each in found if each.excess(aim) > 0]
    return sorted(exceeding, key=lambda each: (-each.excess(aim), each.type))
