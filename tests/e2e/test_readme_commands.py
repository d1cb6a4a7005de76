"""The README's block of commands does what it says, line by line, exactly as printed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.environment import Deployed, example
from tests.e2e.readme import CHECKOUT, Command, commands, run, working_directory

COMMANDS = commands((CHECKOUT / "README.md").read_text())


@pytest.fixture(scope="module")
def folder(new_sandbox: Callable[[], Deployed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `make demo` has just ended: the dev example is Ready."""
    sandbox = new_sandbox()
    sandbox.apply(example("dev"))
    sandbox.push_images("dev")
    sandbox.ready("dev", patience=900)
    return working_directory(tmp_path_factory.mktemp("clone"), sandbox.layout.root)


def test_the_block_is_found_and_begins_with_the_sandboxs_variables() -> None:
    assert COMMANDS[0].line.startswith(". .sandbox/env")
    assert len(COMMANDS) > 10


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.line.partition("#")[0].strip())
def test_a_printed_command_works(command: Command, folder: Path) -> None:
    """In the printed order: what changes something stands behind what only looks."""
    ended = run(command, COMMANDS[0], folder)
    assert ended.returncode in command.statuses, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
