"""How generated manifests are written, and how `--check` finds one that is not what its source says.

Must never know what is in a manifest.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml


class _Plain(yaml.SafeDumper):
    """Writes everything out where it stands: anchors help no reader of a schema."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Plain.add_representer(str, _text)


def dump(documents: Iterable[Mapping[str, Any]]) -> str:
    """The documents as YAML, keys in the order given, text of several lines as such."""
    return yaml.dump_all(map(dict, documents), Dumper=_Plain, sort_keys=False, width=110, allow_unicode=True)


def write_or_check(file: Path, text: str, module: str, arguments: list[str]) -> int:
    """Writes the file, or with `--check` gives 1 where it is not what `module` would write."""
    if "--check" not in arguments:
        file.write_text(text)
        return 0
    if file.exists() and file.read_text() == text:
        return 0
    sys.stderr.write(f"{file.name} is not what the models say: run `python -m {module}`\n")
    return 1
