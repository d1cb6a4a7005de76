"""The table of all types: how each is looked up (`FINDS`), or that creating it again does no harm (`again`).

A type in neither is refused by name. Must never hold a call that writes.
"""

from collections.abc import Mapping
from typing import Final

from tradai_runner.repair.find import Find
from tradai_runner.repair.rows import api, data, identity, network, watch, work
from tradai_runner.repair.rows.again import AGAIN

FINDS: Final[Mapping[str, Find]] = {
    row.type: row for rows in (network.ROWS, identity.ROWS, data.ROWS, work.ROWS, api.ROWS, watch.ROWS) for row in rows
}

#: Their id is told once, in the answer to their creation, for as long as nobody has confirmed them.
TOLD_ONCE: Final = frozenset({"aws:sns/topicSubscription:TopicSubscription"})
#: Whatever of these is made, a repair finds it again, or it goes with what it belongs to.
FOUND_AGAIN: Final = (AGAIN | FINDS.keys()) - TOLD_ONCE


def is_again(type_: str) -> bool:
    """Whether creating it once more writes the same thing over itself; so does a provider, which is nothing in AWS."""
    return type_ in AGAIN or type_.startswith("pulumi:providers:")
