"""The whole table: every row of every service, and the look-ups (invokes) beside them.

Must never hold a row itself; adding a service is adding a module to `rows` and naming it here.
"""

import importlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.invokes import INVOKES, Invoke
from tradai_sandbox.provider.row import Row
from tradai_sandbox.provider.rows import MODULES


@cache
def rows() -> Mapping[str, Row]:
    """Every row by its token; raises ProviderError where two rows claim one token."""
    found: dict[str, Row] = {}
    for name in MODULES:
        module: Any = importlib.import_module(f"tradai_sandbox.provider.rows.{name}")
        for row in module.ROWS:
            if row.token in found:
                raise ProviderError(f"two rows serve {row.token}")
            found[row.token] = row
    return found


@cache
def invokes() -> Mapping[str, Invoke]:
    """Every look-up by its token: the common ones and those that a service's module adds."""
    found = dict(INVOKES)
    for name in MODULES:
        module: Any = importlib.import_module(f"tradai_sandbox.provider.rows.{name}")
        found |= getattr(module, "INVOKES", {})
    return found


def row_of(urn: str) -> Row:
    """The row of a resource; raises ProviderError naming a type that the table does not have."""
    token = urn.split("::")[2].rpartition("$")[2]
    if token not in rows():
        raise ProviderError(
            f"the sandbox provider does not know the type {token}: "
            "add a row for it to tradai_sandbox.provider.rows"
        )
    return rows()[token]
