"""Plays a Dockerfile without a container engine: each stage is a file system over this machine's, with its Python.

A base image is stood in for by this machine, seen through an overlay: whatever RUN, COPY and ADD write lands in folders
of the play. So it shows what the instructions do, who runs as whom and what is in the way, and not what the base image
has or lacks. Needs root, for mounts. Must never change this machine, nor let the checkout be seen but by COPY.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from tradai_iac.images.dockerfile import Dockerfile, DockerfileError, Instruction, Stage, expanded, pairs

CHECKOUT: Final = Path(__file__).parents[2]
#: A layer is two folders: over this machine's root, and over its Python.
PARTS: Final = ("root", "python")
#: Where an official Python image has its Python; this machine's is mounted there.
_PYTHON: Final = "usr/local"
#: What images of Python begin with.
_ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"}
#: An official image has its Python's library where the loader looks.
LIBRARIES: Final = {"LD_LIBRARY_PATH": f"/{_PYTHON}/lib"}
#: Their variables are filled in by whoever runs them, if at all.
_OF_A_SHELL: Final = frozenset({"ARG", "RUN", "CMD", "ENTRYPOINT", "SHELL"})
#: Of this machine's way to package indexes; an engine hands on proxies likewise.
_HANDED_ON: Final = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class Image:
    """A file system, as far as it is not this machine's, and what runs in it by default."""

    layer: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(_ENVIRONMENT))
    user: str = "0:0"
    folder: str = "/"
    entry: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    shell: tuple[str, ...] = ("/bin/sh", "-c")

    def words(self, row: Instruction) -> tuple[str, ...]:
        """The command that an instruction says, by the shell where it is no array."""
        return tuple(row.listed if row.listed is not None else [*self.shell, row.rest])

    def mounted(self, place: Path, options: str = "ro") -> list[str]:
        """The shell lines that mount it at a folder."""
        hidden = place / CHECKOUT.relative_to("/")
        return [
            self._overlay(place, "root", Path("/"), options),
            self._overlay(place / _PYTHON, "python", Path(sys.base_prefix), options),
            f"test ! -d {hidden} || mount -t tmpfs tmpfs {hidden}",
            f"mount --rbind /dev {place}/dev",
            f"mount -t proc proc {place}/proc",
        ]

    def _overlay(self, place: Path, part: str, below: Path, options: str) -> str:
        """What lies where Python is has a part of its own, since it lies over another folder."""
        upper, work = self.layer / part, self.layer / f"{part}.work"
        return f"mount -t overlay overlay -o {options},lowerdir={below},upperdir={upper},workdir={work} {place}"


def empty(layer: Path) -> Path:
    """A layer with nothing in it."""
    for part in PARTS:
        (layer / part).mkdir(parents=True)
        (layer / f"{part}.work").mkdir()
    return layer


@dataclass(frozen=True)
class Brought:
    """What whoever builds brings: build arguments, files by the address that ADD takes them from, a context.

    `variables` are those that the base image sets beside its PATH.
    """

    arguments: Mapping[str, str]
    handed: Mapping[str, Path]
    context: Path = CHECKOUT
    variables: Mapping[str, str] = field(default_factory=dict)


class Play:
    """The building of one Dockerfile into a folder."""

    def __init__(self, dockerfile: Dockerfile, brought: Brought, room: Path, ignored: Sequence[str] = ()) -> None:
        self._file = dockerfile
        self._brought = brought
        self._room = room
        self._ignored = ignored
        self._images: dict[str, Image] = {}
        #: The references of base images, as they would be pulled.
        self.bases: list[str] = []

    def image(self, target: str) -> Image:
        """The image of a stage; raises DockerfileError for what is not played and CalledProcessError for what fails."""
        if target not in self._images:
            self._images[target] = self._built(self._file.stage(target))
        return self._images[target]

    def _built(self, stage: Stage) -> Image:
        base = expanded(stage.base, self._declared(self._file.arguments, {}))
        if any(each.name == base for each in self._file.stages):
            image = self.image(base)
        else:
            self.bases.append(base)
            variables = {**_ENVIRONMENT, **self._brought.variables}
            image = Image(empty(self._room / f"{stage.name}.base"), variables)
        building = _Building(image, self._room / stage.name)
        for each in stage.instructions:
            self._done(building, each)
        return building.image

    def _declared(self, rows: Sequence[Instruction], known: Mapping[str, str]) -> dict[str, str]:
        found = dict(known)
        for row in rows:
            for name, default in pairs(row.rest):
                if name in self._brought.arguments:
                    found[name] = self._brought.arguments[name]
                elif "=" in row.rest:
                    found[name] = expanded(default, found)
                else:
                    raise DockerfileError(f"line {row.line}: the build argument {name} is required")
        return found

    def _done(self, building: "_Building", row: Instruction) -> None:
        known, image = building.known(), building.image
        text = "" if row.word in _OF_A_SHELL else expanded(row.rest, known)
        match row.word:
            case "ARG":
                building.arguments |= self._declared([row], building.arguments)
            case "ENV":
                building.image = replace(image, environment={**image.environment, **dict(pairs(text))})
            case "WORKDIR":
                building.image = replace(image, folder=str(Path(image.folder, text)))
                building.script([f'mkdir -p "$place"{shlex.quote(building.image.folder)}'])
            case "USER":
                building.image = replace(image, user=text if ":" in text else f"{text}:{text}")
            case "ENTRYPOINT":
                building.image = replace(image, entry=image.words(row))
            case "CMD":
                building.image = replace(image, command=image.words(row))
            case "SHELL":
                building.image = replace(image, shell=image.words(row))
            case "RUN":
                building.run(image.words(row))
            case "COPY" | "ADD":
                self._copied(building, row, expanded(row.rest, known))
            case _:
                pass  # what an image says of itself

    def _copied(self, building: "_Building", row: Instruction, text: str) -> None:
        flags = {name: expanded(value, building.known()) for name, value in row.flags.items()}
        *sources, target = shlex.split(text)
        if row.word == "ADD":
            self._added(building, row, flags, sources, target)
        elif stage := flags.get("from"):
            building.copy(self.image(stage), [source.lstrip("/") for source in sources], target, flags)
        else:
            building.copy(self._context(building, sources), sources, target, flags)

    def _added(
        self, building: "_Building", row: Instruction, flags: Mapping[str, str], sources: list[str], target: str
    ) -> None:
        [address] = sources
        file = self._brought.handed.get(address)
        if "://" not in address or file is None:
            raise DockerfileError(f"line {row.line}: nobody has handed over {address}")
        digest = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
        if flags.get("checksum") != digest:
            raise DockerfileError(f"line {row.line}: {address} is {digest}, not {flags.get('checksum', 'checked')}")
        folder = building.staged()
        shutil.copy(file, folder / "it")
        building.copy(folder, ["it"], target, flags)

    def _context(self, building: "_Building", sources: Sequence[str]) -> Path:
        """Those of the sources that reach an engine, in a folder; raises DockerfileError for one that does not."""
        folder = building.staged()
        for source in sources:
            path = self._brought.context / source
            files = [each for each in (path.rglob("*") if path.is_dir() else [path]) if each.is_file()]
            kept = [each for each in files if not self._is_ignored(each.relative_to(self._brought.context))]
            if not kept:
                raise DockerfileError(f"COPY {source}: nothing of it is in the context")
            for each in kept:
                copy = folder / each.relative_to(self._brought.context)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(each, copy)
        return folder

    def _is_ignored(self, path: Path) -> bool:
        """As a .dockerignore says: the last pattern that matches the path, or a folder above it, decides."""
        ignored, above = False, [str(path), *(str(parent) for parent in path.parents if parent != Path())]
        for pattern in self._ignored:
            plain = pattern.removeprefix("!").removeprefix("**/")
            names = [part for each in above for part in ((each, Path(each).name) if "**/" in pattern else (each,))]
            if any(fnmatch(name, plain) for name in names):
                ignored = not pattern.startswith("!")
        return ignored


class _Building:
    """A stage on its way: its image so far, and its build arguments. Its layer begins as a copy of its base's."""

    def __init__(self, image: Image, layer: Path) -> None:
        self.image = image
        self.arguments: dict[str, str] = {}
        self._layer = layer

    def known(self) -> dict[str, str]:
        return {**self.arguments, **self.image.environment}

    def staged(self) -> Path:
        folder = self._aside("staged")
        shutil.rmtree(folder)
        folder.mkdir()
        return folder

    def _aside(self, name: str) -> Path:
        """A folder of the play that is no part of the image."""
        folder = self._layer.with_name(f"{self._layer.name}.{name}")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def run(self, command: Sequence[str]) -> None:
        """By the user, in the folder and with the environment of the moment; with this machine's way to indexes."""
        ways = {name: value for name, value in os.environ.items() if name.upper().startswith(_HANDED_ON)}
        environment = {"HOME": "/root", **LIBRARIES, **ways, **self.arguments, **self.image.environment}
        inside = f'cd {shlex.quote(self.image.folder)} && exec "$@"'
        assigned = [f"{name}={value}" for name, value in environment.items()]
        words = [*chroot(self.image.user), "/usr/bin/env", "-i", *assigned, "/bin/sh", "-c", inside, "run", *command]
        self.script([shlex.join(words).replace(shlex.quote(PLACE), '"$place"')])

    def copy(self, source: "Image | Path", names: Sequence[str], target: str, flags: Mapping[str, str]) -> None:
        """`names` of a folder, or of another image, as COPY copies them."""
        into = str(Path(self.image.folder, target))
        folder = target.endswith("/") or len(names) > 1 or target in {".", "./"}
        origin = source if isinstance(source, Path) else self._aside("from")
        before = [] if isinstance(source, Path) else source.mounted(origin)
        copies = [line for name in names for line in _copying(origin / name, into, flags, folder=folder)]
        self.script([*before, *copies])

    def script(self, lines: Sequence[str]) -> None:
        """Shell lines, in namespaces of their own, with the image mounted at `$place`."""
        if not self._layer.exists():
            empty(self._layer)
            for part in PARTS:
                subprocess.run(["cp", "-a", f"{self.image.layer / part}/.", self._layer / part], check=True)
            self.image = replace(self.image, layer=self._layer)
        place = self._aside("place")
        whole = ["set -e", f"place={place}", *self.image.mounted(place, "rw"), *lines]
        ended = subprocess.run(
            ["unshare", "--mount", "sh", "-c", "\n".join(whole)], capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise DockerfileError(f"{lines[-1][:600]}\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}")


#: Stands for the folder that an image is mounted at, in words that a shell reads.
PLACE: Final = "@place@"


def chroot(user: str) -> list[str]:
    """The command that goes into PLACE as a user, and has no groups and no rights but theirs."""
    return ["chroot", f"--userspec={user}", "--groups=", PLACE]


def _copying(source: Path, target: str, flags: Mapping[str, str], *, folder: bool) -> list[str]:
    """Owned by root unless flags say otherwise, with the modes of the source."""
    path, place = shlex.quote(str(source)), f'"$place"{shlex.quote(target)}'
    owner, mode = shlex.quote(flags.get("chown", "0:0")), flags.get("chmod")
    changed = [f"chmod -R {shlex.quote(mode)} {path}"] if mode else []
    into = f"mkdir -p {place}; cp -R --preserve=mode,links {path}"
    lines = [
        f"if [ -d {path} ]; then {into}/. {place}/;",
        f"elif {'true' if folder else f'[ -d {place} ]'}; then {into} {place}/;",
        f'else mkdir -p "$(dirname {place})"; cp --preserve=mode,links {path} {place}; fi',
    ]
    owned = [f"chown -R {owner} {place}"] if owner != "0:0" else []
    return [*changed, "\n".join(lines), *owned]
