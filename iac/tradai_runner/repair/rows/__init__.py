"""The table of all types: how each is looked up (`FINDS`), or that creating it again does no harm (`again`).

Packages bring rows for types of their own (`tradai.repair_rows`). A type in neither is refused by name. Must never hold
a call that writes.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from tradai_iac.plugged import REPAIR_ROWS, PlugInError
from tradai_iac.plugged import rows as plugged
from tradai_runner.repair.find import Find
from tradai_runner.repair.rows import api, data, identity, network, watch, work
from tradai_runner.repair.rows.again import AGAIN

_OURS: Final = (*network.ROWS, *identity.ROWS, *data.ROWS, *work.ROWS, *api.ROWS, *watch.ROWS)


def finds(brought: Iterable[Find]) -> dict[str, Find]:
    """Type → row, ours and those of packages; raises PlugInError for a type that is told twice."""
    found = {row.type: row for row in _OURS}
    for row in brought:
        if row.type in found or row.type in AGAIN:
            raise PlugInError(f"a package has a repair row for {row.type}, which has one; mend or uninstall it")
        found[row.type] = row
    return found


FINDS: Final[Mapping[str, Find]] = finds(plugged(REPAIR_ROWS, Find))

#: Their id is told once, in the answer to their creation, for as long as nobody has confirmed them.
TOLD_ONCE: Final = frozenset({"aws:sns/topicSubscription:TopicSubscription"})
#: Whatever of these is made, a repair finds it again, or it goes with what it belongs to.
FOUND_AGAIN: Final = (AGAIN | FINDS.keys()) - TOLD_ONCE


def is_again(type_: str) -> bool:
    """Whether creating it once more writes the same thing over itself; so does a provider, which is nothing in AWS."""
    return type_ in AGAIN or type_.startswith("pulumi:providers:")
