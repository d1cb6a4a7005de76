"""Which definition gives way to which."""

from copy import deepcopy
from typing import Any

import pytest

from tradai_operator.adapters.kubernetes.definition import VARIABLE, wanted
from tradai_operator.model import keys
from tradai_operator.model.crd import custom_resource_definition
from tradai_operator.model.definition import GIVES_WAY, Standing, mark, missing_blueprints, standing

OURS = custom_resource_definition()
DIGEST = OURS["metadata"]["annotations"][keys.DEFINITION].partition("/")[2]


def marked(text: str | None, blueprints: list[str] | None = None, of: dict[str, Any] = OURS) -> dict[str, Any]:
    """The definition with another mark, and of other blueprints."""
    made = deepcopy(of)
    made["metadata"]["annotations"] = {} if text is None else {keys.DEFINITION: text}
    if blueprints is not None:
        schema = made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        schema["properties"]["blueprint"]["enum"] = blueprints
    return made


@pytest.mark.parametrize(
    ("served", "ours", "expected"),
    [
        (None, "1.2.0/b", Standing.MISSING),
        (marked(None), "1.2.0/b", Standing.OLDER),
        (marked("1.1.9/a"), "1.2.0/b", Standing.OLDER),
        (marked("1.9.0/a"), "1.10.0/b", Standing.OLDER),
        (marked("1.2.0/a"), "1.2.0/b", Standing.CHANGED),
        (marked("1.2/a"), "1.2.0/b", Standing.CHANGED),
        (marked("1.2.0rc1/a"), "1.2.0/b", Standing.CHANGED),
        (marked("1.2.0/b"), "1.2.0/b", Standing.SAME),
        (marked("1.2.1/a"), "1.2.0/b", Standing.NEWER),
        (marked("2/a"), "1.99.0/b", Standing.NEWER),
        (marked("latest"), "1.2.0/b", Standing.UNREADABLE),
        (marked("1.1.0/a", ["sample", "tradai", "harbour"]), "1.2.0/b", Standing.WIDER),
        (marked("1.2.0/a", ["sample", "tradai", "harbour"]), "1.2.0/b", Standing.WIDER),
        (marked("1.3.0/a", ["sample", "tradai", "harbour"]), "1.2.0/b", Standing.NEWER),
        (marked("1.1.0/a", ["sample"]), "1.2.0/b", Standing.OLDER),
    ],
)
def test_a_definition_gives_way_to_a_newer_one_and_never_to_one_that_knows_less(
    served: dict[str, Any] | None, ours: str, expected: Standing
) -> None:
    assert standing(served, marked(ours)) is expected


def test_only_what_lacks_something_gives_way() -> None:
    assert {Standing.MISSING, Standing.OLDER, Standing.CHANGED} == GIVES_WAY


def test_the_blueprints_that_would_be_lost_are_named() -> None:
    assert missing_blueprints(marked("1/a", ["sample", "harbour"]), OURS) == ["harbour"]


def test_the_mark_changes_with_what_the_definition_says_and_with_nothing_else() -> None:
    assert mark("1.0.0", OURS["spec"]) == f"1.0.0/{DIGEST}"
    turned = dict(reversed(OURS["spec"].items()))
    assert mark("1.0.0", turned) == f"1.0.0/{DIGEST}"
    assert mark("1.0.0", {**OURS["spec"], "scope": "Cluster"}) != f"1.0.0/{DIGEST}"


@pytest.mark.parametrize(("text", "expected"), [(None, False), ("", False), ("false", False), ("true", True)])
def test_whoever_runs_the_operator_says_whether_it_keeps_the_definition(text: str | None, expected: bool) -> None:
    assert wanted({} if text is None else {VARIABLE: text}) is expected


def test_what_is_neither_true_nor_false_is_an_error() -> None:
    with pytest.raises(ValueError, match="TRADAI_KEEP_DEFINITION is true or false, not 'yes'"):
        wanted({VARIABLE: "yes"})
