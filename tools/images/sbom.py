"""`python sbom.py --binaries DIR --system STATUS`: prints what an image has in it, as CycloneDX in JSON.

Runs while the image is built, by the image's own Python, over what was really installed. Needs the standard library
alone. Must never list what is only declared.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

Component = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the bill of materials of the Python that runs it."""
    parser = argparse.ArgumentParser(prog="sbom")
    parser.add_argument("--binaries", type=Path, required=True, help="the folder with what no package brings")
    parser.add_argument("--system", type=Path, required=True, help="where dpkg keeps what is installed")
    options = parser.parse_args(arguments)
    json.dump(bill([*python(), *files(options.binaries), *system(options.system)]), sys.stdout, indent=1)
    print()
    return 0


def bill(components: Sequence[Component]) -> dict[str, Any]:
    """The document, without a time or a random number: equal images have equal ones."""
    listed = sorted(components, key=lambda component: str(component["bom-ref"]))
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": listed}


def python() -> Iterator[Component]:
    """Every distribution that this Python finds; of two of one name the one that it would import."""
    listed: set[str] = set()
    for found in distributions():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        if name in listed:
            continue
        listed.add(name)
        yield _component("library", name, found.version, f"pkg:pypi/{name}@{found.version}")


def files(folder: Path) -> Iterator[Component]:
    """Binaries by their content: their versions are in the tags of their downloads."""
    for path in sorted(folder.iterdir()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        component = _component(
            "application", path.name, digest[:12], f"pkg:generic/{path.name}?checksum=sha256:{digest}"
        )
        yield component | {"hashes": [{"alg": "SHA-256", "content": digest}]}


def system(status: Path) -> Iterator[Component]:
    """The base image's own packages; nothing where it has no such list."""
    if not status.exists():
        return
    for paragraph in status.read_text(encoding="utf-8").split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Architecture|Status): (.+)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            name, version = fields["Package"], fields["Version"]
            yield _component("library", name, version, f"pkg:deb/debian/{name}@{version}?arch={fields['Architecture']}")


def _component(kind: str, name: str, version: str, purl: str) -> Component:
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


if __name__ == "__main__":
    sys.exit(main())
