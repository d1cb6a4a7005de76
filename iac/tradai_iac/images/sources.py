"""What an image is made from: the files that its Dockerfile copies, how it starts, and one digest of all of it.

What RUN does is left out: packages are a world's. Must never run or build anything.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from tradai_iac.images.dockerfile import Dockerfile, DockerfileError, Instruction, expanded, pairs, read

#: What the bases of AWS for Python set.
_OF_BASES: Final = {"LAMBDA_TASK_ROOT": "/var/task", "LAMBDA_RUNTIME_DIR": "/var/runtime"}
_CACHES: Final = frozenset({"__pycache__", ".venv"})
_LOCK: Final = "world.lock"


@dataclass(frozen=True)
class Source:
    """Place in the image → file; ENTRYPOINT, CMD, ENV and WORKDIR of the last stage; the world with its packages."""

    files: Mapping[str, Path]
    entry_point: tuple[str, ...]
    command: tuple[str, ...]
    variables: Mapping[str, str]
    folder: str
    world: Path
    digest: str


def source_of(folder: Path, root: Path) -> Source | None:
    """What the Dockerfile in `folder` makes from the checkout `root`; None where there is none.

    Raises DockerfileError for what cannot be understood, a file that is not there included.
    """
    dockerfile = folder / "Dockerfile"
    if not dockerfile.is_file():
        return None
    text = dockerfile.read_text()
    stage = _Stage(root)
    for instruction in _instructions(read(text)):
        stage.play(instruction)
    return Source(
        files=stage.files,
        entry_point=stage.words["ENTRYPOINT"],
        command=stage.words["CMD"],
        variables={name: value for name, value in stage.variables.items() if name not in _OF_BASES},
        folder=str(stage.folder),
        world=_world(folder, root),
        digest=_digest(text, stage.files),
    )


def _instructions(file: Dockerfile) -> Iterator[Instruction]:
    """Those of the last stage, behind those of the stages that it stands on."""
    named = {stage.name: stage for stage in file.stages}
    chain = [file.stages[-1]]
    while (base := named.get(chain[0].base)) and base not in chain:
        chain.insert(0, base)
    return (each for stage in chain for each in stage.instructions)


class _Stage:
    """What a stage has come to so far."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._arguments: dict[str, str] = {}
        self.files: dict[str, Path] = {}
        self.variables: dict[str, str] = dict(_OF_BASES)
        self.folder = PurePosixPath("/")
        self.words: dict[str, tuple[str, ...]] = {"ENTRYPOINT": (), "CMD": ()}

    def play(self, each: Instruction) -> None:
        """One instruction; those that change neither files nor the start are left out."""
        if each.word == "ARG":
            self._arguments |= {name: self._filled(value) for name, value in pairs(each.rest) if value}
        elif each.word == "ENV":
            for name, value in pairs(each.rest):
                self.variables[name] = self._filled(value)
        elif each.word == "WORKDIR":
            self.folder = self.folder / self._filled(each.rest)
        elif each.word in self.words:
            self.words[each.word] = tuple(each.listed or ("/bin/sh", "-c", each.rest))
        elif each.word == "COPY" and "from" not in each.flags:
            self._copy(each)

    def _filled(self, text: str) -> str:
        return expanded(text, {**self._arguments, **self.variables})

    def _copy(self, each: Instruction) -> None:
        *sources, target = each.listed or [self._filled(word) for word in each.rest.split()]
        into = self.folder / target
        for text in sources:
            found = sorted(self._root.glob(text.strip("/"))) if text.strip("./") else [self._root]
            if not found:
                raise DockerfileError(f"line {each.line}: there is no {text} in {self._root}")
            for path in found:
                if path.is_dir():
                    self.files |= {str(into / str(file.relative_to(path))): file for file in _below(path)}
                else:
                    inside = target.endswith("/") or len(sources) > 1 or len(found) > 1
                    self.files[str(into / path.name if inside else into)] = path


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not _CACHES & set(path.parts))


def _world(folder: Path, root: Path) -> Path:
    """The nearest folder above with a `world.lock`; the folder itself where there is none."""
    every = [folder, *folder.parents]
    return next((each for each in every if (each / _LOCK).is_file() and each.is_relative_to(root)), folder)


def _digest(dockerfile: str, files: Mapping[str, Path]) -> str:
    whole = hashlib.sha256(dockerfile.encode())
    for place, path in sorted(files.items()):
        whole.update(f"\0{place}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
