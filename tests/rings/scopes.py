"""Hands tests to workers: a unit to one worker, the dearest first, many small tests of one file in a few goes.

Must never depend on anything but the tests' ids and the budget: every worker has to come to the same order.
"""

from collections.abc import Iterable, Mapping, Sequence

from tests.rings.budget import Budget, cost
from tests.rings.table import Ring, Table, file_of

#: How much of one file a worker takes at once, in seconds: every go builds the file's sandbox again.
_GO_SECONDS = 150.0

Scopes = Mapping[str, str]


def scopes(nodeids: Iterable[str], table: Table, budget: Budget) -> Scopes:
    """Test → the go in which it is played. A unit is in one go; units of one file are, up to a limit, in the same."""
    found: dict[str, str] = {}
    goes: dict[str, tuple[int, float]] = {}
    seen: dict[str, str] = {}
    for nodeid in nodeids:
        unit = table.unit(nodeid)
        if unit not in seen:
            place = file_of(nodeid)
            number, spent = goes.get(place, (0, 0.0))
            if spent and spent + cost(unit, budget) > _GO_SECONDS:
                number, spent = number + 1, 0.0
            goes[place] = number, spent + cost(unit, budget)
            seen[unit] = f"{place}#{number}"
        found[nodeid] = seen[unit]
    return found


def order(nodeids: Sequence[str], table: Table, budget: Budget, pure_first: bool) -> list[int]:
    """The positions of the tests in the order in which they are handed out.

    `pure_first`: what needs no server comes first, for a machine whose servers are still being built.
    """
    where = scopes(nodeids, table, budget)
    spent: dict[str, float] = {}
    # One after another as the ids come: seconds added in another order are other seconds in the last digit.
    for unit, scope in dict.fromkeys((table.unit(nodeid), where[nodeid]) for nodeid in nodeids):
        spent[scope] = spent.get(scope, 0.0) + cost(unit, budget)

    def rank(at: int) -> tuple[bool, float, str, int]:
        nodeid = nodeids[at]
        late = pure_first and table.ring(nodeid) is not Ring.CHECK
        return late, -spent[where[nodeid]], where[nodeid], at

    return sorted(range(len(nodeids)), key=rank)
