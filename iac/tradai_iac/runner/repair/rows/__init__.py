"""The table of all types: how each is looked up (`FINDS`), or that creating it again does no harm (`again`).

A type in neither is refused by name. Must never hold a call that writes.
"""

from collections.abc import Mapping
from typing import Final

from tradai_iac.runner.repair.find import Find
from tradai_iac.runner.repair.rows import api, data, identity, network, work
from tradai_iac.runner.repair.rows.again import AGAIN, ALONE

FINDS: Final[Mapping[str, Find]] = {
    row.type: row for rows in (network.ROWS, identity.ROWS, data.ROWS, work.ROWS, api.ROWS) for row in rows
}

#: Whatever of these is made, a repair finds it again, or it goes with what it belongs to.
FOUND_AGAIN: Final = (AGAIN - ALONE) | FINDS.keys()


def is_again(type_: str) -> bool:
    """Whether creating it once more writes the same thing over itself; so does a provider, which is nothing in AWS."""
    return type_ in AGAIN or type_.startswith("pulumi:providers:")
