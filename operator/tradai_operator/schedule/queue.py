"""Which runs may begin when not all of them fit into memory: one line for all environments, in turns.

Pure: (who waits, what runs, budget) → who begins. Must never let the sum of weights pass the budget, but for a run that
is larger than the whole of it and then is alone; and must never let the head of the line be overtaken for ever.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ticket:
    """Layers of one environment that begin together, what they weigh (MiB), and who came first: `since`, then a number.

    `since` is in seconds since the epoch; the number grows.
    """

    environment: str
    layers: tuple[str, ...]
    weight: int
    number: int
    since: float = 0.0

    @property
    def age(self) -> tuple[float, int]:
        """Who came first has the smallest."""
        return self.since, self.number


@dataclass(frozen=True)
class Taken:
    """A run that has its place; weights in MiB."""

    environment: str
    layer: str
    weight: int


def line(waiting: Iterable[Ticket], taken: Iterable[Taken]) -> tuple[Ticket, ...]:
    """Everybody who waits, the next one first.

    The environment with the fewest runs goes first, counting those that stand before in the line; among equals, who
    came first. So one environment with many layers takes turns with the others.
    """
    ranks = Counter(run.environment for run in taken)
    ranked = []
    for ticket in sorted(waiting, key=lambda ticket: ticket.age):
        ranked.append((ranks[ticket.environment], ticket.age, ticket))
        ranks[ticket.environment] += len(ticket.layers)
    return tuple(ticket for *_, ticket in sorted(ranked, key=lambda entry: entry[:2]))


def admit(waiting: Iterable[Ticket], taken: Sequence[Taken], budget: int) -> tuple[Ticket, ...]:
    """Those who begin now, in their order.

    Nobody goes past the first one that does not fit: memory comes free until it does, however light the others are.
    """
    used = sum(run.weight for run in taken)
    admitted: list[Ticket] = []
    for ticket in line(waiting, taken):
        alone = not taken and not admitted
        if used + ticket.weight > budget and not alone:
            break
        admitted.append(ticket)
        used += ticket.weight
    return tuple(admitted)
