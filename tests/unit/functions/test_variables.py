"""Every variable that a function reads is deployed for it, and every one that is deployed is read.

What is deployed comes from the rendered stacks (tests/unit/iac/functions_given.py).
"""

import importlib
import inspect
import json
from pathlib import Path

import pytest

from shared.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
GIVEN = json.loads((ROOT / "tests" / "unit" / "iac" / "functions_given.json").read_text())
WRITTEN = sorted(name for name in GIVEN if (ROOT / "lambdas" / name.replace("-", "_")).is_dir())

every_function = pytest.mark.parametrize("function", WRITTEN)


def read(function: str) -> dict[str, tuple[str, ...]]:
    """Field → variables, of the one class of settings that the function's own module has."""
    module = importlib.import_module(f"{function.replace('-', '_')}.settings")
    classes = [found for _, found in inspect.getmembers(module, inspect.isclass) if found.__module__ == module.__name__]
    (settings,) = [found for found in classes if issubclass(found, Settings)]
    return settings.variables()


@every_function
def test_every_setting_is_deployed_by_its_name_or_a_fall_back(function: str) -> None:
    deployed = set(GIVEN[function]["variables"])
    assert {field: names for field, names in read(function).items() if not deployed & set(names)} == {}


@every_function
def test_nothing_is_deployed_that_no_setting_reads(function: str) -> None:
    known = {name for names in read(function).values() for name in names}
    assert set(GIVEN[function]["variables"]) - known == set()
