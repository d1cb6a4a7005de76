"""Runs that tests share: whoever tries to change one learns it at that very line, not in another test.

Must never be slower to read, or compare otherwise, than the plain dictionaries and lists that it stands for.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NoReturn

from tests.unit.iac.pulumi_mocks import Run


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError("this run is shared with other tests: change a copy (copy.deepcopy) instead")


_CHANGES: Final = (
    *("__setitem__", "__delitem__", "__ior__", "update", "pop", "popitem", "clear", "setdefault"),
    *("__iadd__", "__imul__", "append", "extend", "insert", "remove", "reverse", "sort"),
)


def _of(plain: type) -> Any:
    """A kind of dict or list without the methods that change it; copies of it are plain again."""
    refused = {name: _refuse for name in _CHANGES if hasattr(plain, name)}
    return type(
        f"Frozen{plain.__name__.title()}", (plain,), {"__reduce__": lambda self: (plain, (plain(self),)), **refused}
    )


_Dict: Final = _of(dict)
_List: Final = _of(list)


def frozen(run: Run) -> Run:
    """The same run, not to be changed."""
    resources = tuple(replace(resource, inputs=_frozen(resource.inputs)) for resource in run)
    return Run(resources, _frozen(run.outputs))


def all_frozen(runs: Mapping[str, Run]) -> Mapping[str, Run]:
    """The same for every layer."""
    return _Dict({layer: frozen(run) for layer, run in runs.items()})  # type: ignore[no-any-return]


def _frozen(value: Any) -> Any:
    if type(value) is dict:
        return _Dict({key: _frozen(each) for key, each in value.items()})
    return _List(map(_frozen, value)) if type(value) is list else value
