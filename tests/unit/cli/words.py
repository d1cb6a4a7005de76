"""Every word of `tradai` that can be said, read off the parser: a new one is among them by itself."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from tests.documents.manifests import EXAMPLES
from tradai_cli.main import WORDS, build, main

#: What stands for an argument, or an option that must be given, by its name in the code.
GIVEN = {
    "env": "dev",
    "environment": "dev",
    "first": "dev",
    "layer": "persistent",
    "what": "soft",
    "copy": "20270115T080000-hand",
    "account_id": "123456789012",
    "external_id": "tradai/dev",
    "output": "kubeconfig",
}
_FILE = str(EXAMPLES / "env-dev.yaml")


def said() -> list[list[str]]:
    """What a person types: each word with what it must be given, then once more with each of its switches."""
    return [given for word in WORDS for given in _of(word.name)]


def _of(name: str) -> Iterator[list[str]]:
    whole: Any = typer.main.get_command(build(name))
    for path, command in leaves([name], whole.commands[name]):
        plain = path + [part for parameter in command.params for part in _given(parameter)]
        yield plain
        for switch in (parameter for parameter in command.params if getattr(parameter, "is_flag", False)):
            if switch.name != "help":
                yield [*plain, switch.opts[0]]


def leaves(path: list[str], command: Any) -> Iterator[tuple[list[str], Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name in sorted(below):
        yield from leaves([*path, name], below[name])


def _given(parameter: Any) -> list[str]:
    if parameter.name == "file" and not _reads_cluster(parameter):
        return ["--file", _FILE]
    if not parameter.required:
        return []
    value = GIVEN[parameter.name]
    return [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]


def _reads_cluster(parameter: Any) -> bool:
    """Whether the manifest is asked for only where no cluster has the resource."""
    return "no cluster" in (parameter.help or "")


class One(str):
    """Equal to one line with this in it, and to nothing that is longer."""

    __slots__ = ()

    def __eq__(self, told: object) -> bool:
        return isinstance(told, str) and len(told.splitlines()) == 1 and str(self) in told

    __hash__ = str.__hash__


def exit_status(given: list[str]) -> int:
    """What `tradai` with these words ends with; whatever else it raises is what a person sees as a traceback."""
    with pytest.raises(SystemExit) as ended:
        main(given)
    return int(ended.value.code or 0)
