"""The files of AWS's facts: whole, of the versions that are pinned, and written as their generator writes them."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.facts import HANDLERS, handlers
from tests.facts.schemas import SCHEMAS, schemas
from tools.facts.__main__ import ENDS, REFERENCE, ROOT
from tools.facts.reference import SERVICES
from tools.facts.schemas import reduced
from tools.facts.text import text
from tools.facts.types import TYPES
from tradai_iac.iam import reference

PINNED = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["facts"]
FILES = [HANDLERS, SCHEMAS, ENDS, *sorted(REFERENCE.glob("*.json"))]

each_file = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_there_is_a_file_for_each_service_and_no_other() -> None:
    assert [path.stem for path in FILES[3:]] == sorted(SERVICES)


def test_there_is_an_entry_for_each_type_and_no_other() -> None:
    assert list(handlers()) == sorted(TYPES)
    assert list(schemas()) == sorted(set(TYPES.values()))


@each_file
def test_a_file_is_written_as_the_generator_writes(path: Path) -> None:
    assert path.read_text() == text(content(path))


@each_file
def test_a_file_says_where_it_is_from_and_since_when(path: Path) -> None:
    told = content(path)["from"]
    assert f"{told['package']}=={told['version']}" in PINNED
    assert told["repeats"].startswith("AWS ")
    assert told["written"] >= "2026-11-30"


def test_a_schema_keeps_names_and_bounds_and_nothing_else() -> None:
    whole = {
        "description": "what it is",
        "properties": {"Name": {"type": "string", "pattern": "^a$", "maxLength": 3}, "Free": {"type": "string"}},
        "definitions": {"Part": {"items": {"$ref": "#/definitions/Other", "description": "x"}}},
        "anyOf": [{"required": ["Name"]}, {"properties": {"Free": {"enum": ["b"]}}}],
        "handlers": {"create": {"permissions": ["x:Y"]}},
    }
    assert reduced(whole) == {
        "properties": {"Name": {"pattern": "^a$", "maxLength": 3}, "Free": {}},
        "definitions": {"Part": {"items": {"$ref": "#/definitions/Other"}}},
        "anyOf": [{"properties": {"Free": {"enum": ["b"]}}}],
    }


def test_the_pinned_packages_are_the_locked_ones() -> None:
    locked = (ROOT / "requirements-facts.lock").read_text()
    assert all(f"{pin} \\" in locked for pin in PINNED)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_read_whole(service: str) -> None:
    found = reference.service(service)
    assert len(found.actions) == len(content(REFERENCE / f"{service}.json")["actions"]) > 0
    assert all(type_.patterns for type_ in found.types.values())


def test_what_is_not_known_is_said() -> None:
    with pytest.raises(LookupError, match="no action that AWS knows"):
        reference.action("s3:HeadBucket")
    with pytest.raises(LookupError, match="just facts"):
        reference.action("nowhere:Go")


def test_a_pattern_means_all_that_fit_whatever_its_case() -> None:
    assert {str(action) for action in reference.meant("sns:tag*")} == {"sns:TagResource"}
