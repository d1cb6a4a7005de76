"""Environments with guards, and who left the stacks that stand: a resource before, or the one of now."""

from typing import Any

from tests.fakes.bodies import annotated, body
from tradai_operator.model import Environment
from tradai_operator.model.in_force import guards_of
from tradai_runner.contract import Owner

BEFORE = Owner(cluster="c-1", resource="tradai/dev", uid="uid-0")
NOW = BEFORE.model_copy(update={"uid": "uid-1"})


def environment(spec: dict[str, Any], **notes: str) -> Environment:
    """An environment with those parts of a spec and annotations."""
    return Environment.parse(
        annotated(body(**({"approval": "OnDestructive", "deletionPolicy": "Soft"} | spec)), **notes)
    )


def guards(**spec: Any) -> dict[str, str]:
    """The guards of a spec with those parts."""
    return guards_of(environment(spec).spec)
