"""How a repair gets hold of moto's classes.

Must never be used outside the moto server: it changes classes for the whole process.
"""

from collections.abc import Callable
from typing import Any


def add(owner: Any, *functions: Callable[..., Any]) -> None:
    """Give `owner` methods that moto does not have, under the functions' own names."""
    for function in functions:
        setattr(owner, function.__name__, function)


def wrap(owner: Any, **wrappers: Callable[[Any], Any]) -> None:
    """Replace methods of `owner` by what each wrapper makes of the original one."""
    for name, wrapper in wrappers.items():
        setattr(owner, name, wrapper(getattr(owner, name)))


def add_property(owner: Any, **properties: property) -> None:
    """Give `owner` properties, in place of attributes of the same names where it has them."""
    for name, made in properties.items():
        setattr(owner, name, made)
