"""Python's garbage collector, kept off what every test module has imported: a million objects that live to the end.

Looking through them again and again costs more than the tests. Must never change what a test sees.
"""

import gc
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Importing makes next to no rubbish."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What is there now stays."""
    gc.collect()
    gc.freeze()
