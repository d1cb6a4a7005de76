"""Reads a Dockerfile: its stages, their instructions, and what the words in them are once arguments are filled in.

Pure. Must never guess: an instruction, a flag or a variable that it does not know is an error, where an engine would
do something with it.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

#: What it knows, and which flags of it.
KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "FROM": frozenset({"platform"}),
    "ARG": frozenset(),
    "ENV": frozenset(),
    "RUN": frozenset(),
    "COPY": frozenset({"from", "chown", "chmod"}),
    "ADD": frozenset({"checksum", "chown", "chmod"}),
    "WORKDIR": frozenset(),
    "USER": frozenset(),
    "SHELL": frozenset(),
    "ENTRYPOINT": frozenset(),
    "CMD": frozenset(),
    "LABEL": frozenset(),
    "EXPOSE": frozenset(),
    "STOPSIGNAL": frozenset(),
    "VOLUME": frozenset(),
}
_LINE: Final = re.compile(r"(\w+)\s+(.*)", re.DOTALL)
_FLAG: Final = re.compile(r"--([\w-]+)=(\S+)\s+(.*)", re.DOTALL)
_VARIABLE: Final = re.compile(
    r"\\(?P<escaped>\$)|\$(?:\{(?P<braced>\w+)(?:(?P<how>:[-+])(?P<other>[^}]*))?\}|(?P<bare>\w+))"
)


class DockerfileError(ValueError):
    """What is written there, and why it is not understood."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: `rest` is what stands behind word and flags, with its variables still in it."""

    word: str
    rest: str
    line: int
    flags: Mapping[str, str] = field(default_factory=dict)

    @property
    def listed(self) -> list[str] | None:
        """The words of a JSON array; None where it is none."""
        if not self.rest.startswith("["):
            return None
        found = json.loads(self.rest)
        if not all(isinstance(each, str) for each in found):
            raise DockerfileError(f"line {self.line}: {self.word} takes texts, not {self.rest}")
        return [str(each) for each in found]


@dataclass(frozen=True)
class Stage:
    """`base` is a reference or the name of a stage before, with its variables still in it."""

    name: str
    base: str
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class Dockerfile:
    """`arguments` stand before the first stage and hold for all FROM lines."""

    arguments: tuple[Instruction, ...]
    stages: tuple[Stage, ...]

    def stage(self, name: str) -> Stage:
        """The stage of that name."""
        return next(stage for stage in self.stages if stage.name == name)

    def required(self) -> set[str]:
        """The arguments without a default."""
        every = [*self.arguments, *(each for stage in self.stages for each in stage.instructions)]
        declared = [name for each in every if each.word == "ARG" for name in each.rest.split()]
        given = {name.partition("=")[0] for name in declared if "=" in name}
        return {name for name in declared if "=" not in name} - given


def read(text: str) -> Dockerfile:
    """The file; raises DockerfileError for what is not known."""
    arguments: list[Instruction] = []
    stages: list[tuple[str, str, list[Instruction]]] = []
    for each in _instructions(text):
        if each.word == "FROM":
            base, *named = each.rest.split()
            stages.append((named[1] if named else str(len(stages)), base, []))
        elif stages:
            stages[-1][2].append(each)
        elif each.word == "ARG":
            arguments.append(each)
        else:
            raise DockerfileError(f"line {each.line}: {each.word} stands before the first FROM")
    return Dockerfile(tuple(arguments), tuple(Stage(name, base, tuple(rows)) for name, base, rows in stages))


def _instructions(text: str) -> Iterator[Instruction]:
    for number, line in _lines(text):
        match = _LINE.fullmatch(line)
        word = match[1].upper() if match else ""
        if match is None or word not in KNOWN:
            raise DockerfileError(f"line {number}: {line.split()[0]} is not understood")
        rest, flags = match[2].strip(), dict[str, str]()
        while found := _FLAG.fullmatch(rest):
            flags[found[1]], rest = found[2], found[3]
        if rest.startswith("--") or not flags.keys() <= KNOWN[word] or "<<" in rest:
            raise DockerfileError(f"line {number}: {word} has a flag or a here-document that is not understood: {line}")
        yield Instruction(word, rest, number, flags)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Whole lines with the number of their first, without comments, also those between parts of one."""
    whole, begun = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        begun = begun if whole else number
        if line.rstrip().endswith("\\"):
            whole += line.rstrip()[:-1]
            continue
        yield begun, (whole + line).strip()
        whole = ""
    if whole:
        raise DockerfileError(f"line {begun}: it never ends")


def expanded(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables; raises DockerfileError for one that nothing sets."""

    def value(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        name = found["braced"] or found["bare"]
        if found["how"]:
            other = str(found["other"])
            return (values.get(name) or other) if found["how"] == ":-" else (other if values.get(name) else "")
        if name not in values:
            raise DockerfileError(f"nothing sets {name}: {text}")
        return values[name]

    return _VARIABLE.sub(value, text)


def pairs(text: str) -> list[tuple[str, str]]:
    """`A=1 B="2 3"` as pairs."""
    return [(name, value) for name, _, value in (word.partition("=") for word in shlex.split(text))]


def ignored(text: str) -> list[str]:
    """The patterns of a .dockerignore, in their order."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]
