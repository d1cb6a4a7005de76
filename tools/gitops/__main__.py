"""`python -m tools.gitops [--check]` writes what follows from the Lua and the operator's phases.

Must never leave a fixture behind that no case names.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.gitops import customizations, fixtures
from tradai_operator.model.generated import dump, write_or_check

EXAMPLES = Path(__file__).parents[2] / "charts" / "examples" / "argocd"


def wanted() -> Iterator[tuple[Path, str]]:
    """Every file and its text."""
    for name, text in customizations.files().items():
        yield EXAMPLES / name, text
    yield from _below(customizations.BUILT_IN, fixtures.health())
    yield from _below(customizations.BUILT_IN / "actions", fixtures.actions())
    yield from _below(customizations.APPROVING / "actions", fixtures.approving())


def _below(folder: Path, documents: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for path, document in documents.items():
        yield folder / path, dump([document])


def main(arguments: list[str]) -> int:
    """Writes the files, or with `--check` fails where one is not what its source says."""
    files = dict(wanted())
    stray = {path for path in customizations.ROOT.rglob("testdata/*") if path not in files}
    for path in stray if "--check" not in arguments else ():
        path.unlink()
    for path in sorted(stray if "--check" in arguments else ()):
        sys.stderr.write(f"{path} is no fixture of any case: run `python -m tools.gitops`\n")
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
    failed = [write_or_check(path, text, "tools.gitops", arguments) for path, text in files.items()]
    return int(any(failed) or bool(stray and "--check" in arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
