"""The whole table: every row of every module of `rows`, and the look-ups (invokes) beside them.

Packages bring rows for types of their own (`tradai.provider_rows`). Must never hold a row itself; adding a service is
adding a module to `rows`.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from tradai_iac import plugged
from tradai_sandbox.provider import rows as package
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.invokes import INVOKES, Invoke
from tradai_sandbox.provider.row import Row


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{found.name}")


@cache
def rows() -> Mapping[str, Row]:
    """Every row by its token; raises ProviderError where two rows claim one token."""
    found: dict[str, Row] = {}
    ours = (row for module in _modules() for row in getattr(module, "ROWS", ()))
    for row in (*ours, *plugged.rows(plugged.PROVIDER_ROWS, Row)):
        if row.token in found:
            raise ProviderError(f"two rows serve {row.token}")
        found[row.token] = row
    return found


@cache
def invokes() -> Mapping[str, Invoke]:
    """Every look-up by its token: the common ones and those that a service's module adds."""
    found = dict(INVOKES)
    for module in _modules():
        found |= getattr(module, "INVOKES", {})
    return found


def row_of(urn: str) -> Row:
    """The row of a resource; raises ProviderError naming a type that the table does not have."""
    token = urn.split("::")[2].rpartition("$")[2]
    if token not in rows():
        raise ProviderError(
            f"the sandbox provider does not know the type {token}: add a row for it to {package.__name__}"
        )
    return rows()[token]
