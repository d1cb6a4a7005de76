"""The command of each function's Dockerfile is something that Lambda can call."""

import importlib
import json
import re
from pathlib import Path

import pytest

from shared.entry import Entry

LAMBDAS = Path(__file__).resolve().parents[3] / "lambdas"
DOCKERFILES = sorted(LAMBDAS.glob("*/Dockerfile"))


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_the_command_is_a_callable_with_an_entry_of_the_functions_name(dockerfile: Path) -> None:
    (command,) = re.findall(r"^CMD (\[.*\])$", dockerfile.read_text(), re.MULTILINE)
    module, _, name = json.loads(command)[0].rpartition(".")
    found = importlib.import_module(module)
    assert callable(getattr(found, name))
    assert isinstance(found.ENTRY, Entry)
    assert found.ENTRY.function == dockerfile.parent.name.replace("_", "-")
