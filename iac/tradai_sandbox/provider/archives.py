"""Opens the engine's archives: from their wire form to the bytes of a zip file, the same bytes for the same
contents.

Must never fetch anything over the network: remote assets are refused.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tradai_sandbox.provider.codec import SIGNATURE
from tradai_sandbox.provider.failures import ProviderError

#: Marks of the wire format (Pulumi SDK, `pulumi.runtime.rpc`).
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
#: The earliest time that a zip file can hold: contents alone decide about the bytes.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_EXECUTABLE: Final = 0o755 << 16


def zipped(archive: Mapping[str, Any]) -> bytes:
    """An archive as a zip file; raises ProviderError where it is none that can be opened here."""
    path = archive.get("path")
    if path and Path(path).is_file():
        return Path(path).read_bytes()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(_members(archive)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _EXECUTABLE
            file.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _members(archive: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, bytes]]:
    if path := archive.get("path"):
        yield from _folder(Path(path), under)
    elif isinstance(archive.get("assets"), Mapping):
        for name, item in archive["assets"].items():
            yield from _member(f"{under}{name}", item)
    else:
        raise ProviderError("only archives of local files, folders and texts can be opened")


def _member(name: str, item: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    if item.get(SIGNATURE) == ARCHIVE:
        yield from _members(item, f"{name}/")
    elif "text" in item:
        yield name, str(item["text"]).encode()
    elif path := item.get("path"):
        yield name, Path(path).read_bytes()
    else:
        raise ProviderError(f"the asset {name!r} is neither a local file nor a text")


def _folder(root: Path, under: str) -> Iterator[tuple[str, bytes]]:
    if not root.is_dir():
        raise ProviderError(f"the archive {root} is neither a file nor a folder")
    for path in root.rglob("*"):
        if path.is_file():
            yield f"{under}{path.relative_to(root).as_posix()}", path.read_bytes()
