"""Stand-ins: valid image manifests without a container engine, for a local endpoint that keeps manifests alone.

Pure and deterministic: the same component and content give the same digest. Must never be put where somebody would
run it: nothing but a text file is in it.
"""

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from typing import Any, Final

_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True)
class StandIn:
    """A manifest (Docker image manifest, version 2, schema 2), and the two blobs that it refers to."""

    manifest: str
    config: bytes
    layer: bytes
    media_type: str = _MANIFEST

    @property
    def digest(self) -> str:
        """What a registry calls the image."""
        return _digest(self.manifest.encode())


def stand_in(component: str, content: str) -> StandIn:
    """The stand-in of one component; another `content` is another image."""
    archive = _archive(f"stand-in of {component}: {content}\n".encode())
    layer = gzip.compress(archive, mtime=0)
    config = _json(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Labels": {"io.tradai.stand-in": component}},
            "rootfs": {"type": "layers", "diff_ids": [_digest(archive)]},
        }
    ).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _described(_CONFIG, config),
        "layers": [_described(_LAYER, layer)],
    }
    return StandIn(_json(manifest), config, layer)


def _archive(body: bytes) -> bytes:
    """A tar of one file whose every byte follows from `body`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        entry = tarfile.TarInfo("stand-in")
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def _described(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "size": len(blob), "digest": _digest(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
