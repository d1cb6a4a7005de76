"""The one table of facts with dates: what they are about is read from the tree, the days have their sources.

A value that has no day here is an error for whoever brings it in. Must never hold a day without its source.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from tools.dates.due import Dated
from tools.facts.__main__ import ENDS, HANDLERS, REFERENCE, ROOT, SHAPES
from tradai_blueprints.tradai.config.lambdas import RUNTIME
from tradai_blueprints.tradai.config.storage import Rds
from tradai_iac.core.machine_images import al2023_parameter

#: How old a file of AWS's facts may grow.
FRESH_DAYS: Final = 180

_RDS: Final = "docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html"
_POSTGRES: Final = "www.postgresql.org/support/versioning"
_LINUX: Final = "docs.aws.amazon.com/linux/al2023/ug/release-cadence.html"
_PYTHON: Final = "peps.python.org/pep-0664"
_KUBERNETES: Final = "kubernetes.io/releases/patch-releases"

#: Minor version of the database → the day to look at AWS's calendar again, which names the end half a year ahead; 15.9
#: to 15.12 could not be made any more from 2026-05-01, and were moved on after 2026-05-31.
_MINORS: Final[Mapping[str, date]] = {"15.13": date(2027, 2, 28)}
#: Major version → the end of the community's support, which AWS's own follows by some months.
_MAJORS: Final[Mapping[str, date]] = {"15": date(2027, 11, 11)}
#: Version of the API server that sandboxes run → the end of its patches.
_SERVERS: Final[Mapping[str, date]] = {"1.35": date(2027, 2, 28)}
#: Python that the control plane asks for → the end of its security fixes.
_PYTHONS: Final[Mapping[str, date]] = {">=3.11": date(2027, 10, 31)}
#: Where the parameter of the machine images begins → the ends of its phases.
_IMAGES: Final[Mapping[str, Mapping[str, date]]] = {
    "/aws/service/ami-amazon-linux-latest/al2023-ami": {
        "standard support": date(2027, 6, 30),
        "maintenance": date(2029, 6, 30),
    }
}


def rows() -> tuple[Dated, ...]:
    """All of them; raises LookupError for a value of the tree that has no day."""
    return (*_database(), *_functions(), *_images(), *_tools(), *_facts())


def _database() -> Iterator[Dated]:
    minor = Rds.model_fields["engine_version"].default
    major = minor.partition(".")[0]
    until = _day(_MINORS, minor, "PostgreSQL's minor version")
    look = "see whether its end is announced; where it is, new environments name a newer one (`engineVersion`)"
    yield Dated(f"PostgreSQL {minor} as a new database's version", until, _RDS, look, lead=0)
    move = "plan the move to a newer major version: a migration of its own"
    yield Dated(f"PostgreSQL {major}", _day(_MAJORS, major, "PostgreSQL's major version"), _POSTGRES, move, lead=270)


def _functions() -> Iterator[Dated]:
    told = json.loads(ENDS.read_text(encoding="utf-8"))
    days = _day(told["runtimes"], RUNTIME, "Lambda's runtime")
    source = f"{told['from']['repeats']}, by way of {told['from']['package']} {told['from']['version']}"
    move = "move functions, and the base of their images, to a newer runtime"
    yield Dated(f"Lambda's {RUNTIME} with patches", date.fromisoformat(days["deprecated"]), source, move, lead=180)
    yield Dated(f"making functions of {RUNTIME}", date.fromisoformat(days["create-block"]), source, move, lead=120)


def _images() -> Iterator[Dated]:
    parameter = al2023_parameter("arm64")
    begin = next((begin for begin in _IMAGES if parameter.startswith(begin)), parameter)
    for phase, until in _day(_IMAGES, begin, "the machine images' parameter").items():
        yield Dated(
            f"Amazon Linux 2023, {phase}", until, _LINUX, "move both instances to the next Amazon Linux", lead=180
        )


def _tools() -> Iterator[Dated]:
    binaries = tomllib.loads((ROOT / "tools" / "binaries.toml").read_text(encoding="utf-8"))
    version = ".".join(binaries["kube-apiserver"]["version"].split(".")[:2])
    until = _day(_SERVERS, version, "the API server's version")
    yield Dated(
        f"Kubernetes {version} in sandboxes", until, _KUBERNETES, "pin a newer one in tools/binaries.toml", lead=30
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["requires-python"]
    yield Dated(f"Python {asked}", _day(_PYTHONS, asked, "requires-python"), _PYTHON, "ask for a newer one", lead=180)


def _facts() -> Iterator[Dated]:
    for path in (HANDLERS, SHAPES, ENDS, REFERENCE / "ec2.json"):
        told = json.loads(path.read_text(encoding="utf-8"))["from"]
        until = date.fromisoformat(told["written"]) + timedelta(days=FRESH_DAYS)
        source = f"{told['package']} {told['version']} of {told['written']}"
        yield Dated(f"{_inside(path)} as what AWS says", until, source, "pin newer packages, run `just facts`", lead=0)


def _inside(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _day(table: Mapping[str, Any], value: str, of: str) -> Any:
    if value not in table:
        raise LookupError(f"{of} {value} has no day in tools/dates/table.py: add one, with its source")
    return table[value]
