"""What the API server did not refuse (an older schema, a server that prunes), the model does, in sentences."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tradai_operator.model import Environment, InvalidResource

TABLE = Path(__file__).parents[2] / "integration" / "wrong_manifests.yaml"
ROWS = [row for row in yaml.safe_load(TABLE.read_text()) if "model" in row]


def put(body: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    if value is None:
        del body[last]
    else:
        body[last] = value


@pytest.mark.parametrize("row", ROWS, ids=[row["name"].replace(" ", "-") for row in ROWS])
def test_the_model_says_what_to_do_about(row: dict[str, Any], body: dict[str, Any]) -> None:
    for path, value in row["set"].items():
        put(body, path, value)
    with pytest.raises(InvalidResource) as refused:
        Environment.parse(body)
    assert row["model"] in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert "^" not in str(refused.value), "a regular expression is no sentence"


def test_everything_wrong_is_said_at_once(body: dict[str, Any]) -> None:
    body["spec"]["aws"]["accountId"] = "1"
    body["spec"]["aws"]["region"] = "x"
    with pytest.raises(InvalidResource) as refused:
        Environment.parse(body)
    assert len(refused.value.problems) == 2


def test_of_very_many_mistakes_the_first_ten_are_said() -> None:
    many = InvalidResource(f"spec.x{n}: is wrong" for n in range(50))
    assert str(many).count(";") == 10
    assert str(many).endswith("and 40 more")


@pytest.mark.parametrize("spec", [[], "text", 7, {}, {"aws": None}, {"layers": []}, {"environment": {}}])
def test_a_spec_of_any_shape_is_refused_and_never_crashes(spec: Any, body: dict[str, Any]) -> None:
    with pytest.raises(InvalidResource, match="spec"):
        Environment.parse({**body, "spec": spec})


@pytest.mark.parametrize("nonsense", [{}, {"metadata": None}, {"metadata": {}}, {"metadata": "x", "spec": {}}])
def test_a_body_that_is_no_object_is_refused(nonsense: dict[str, Any]) -> None:
    with pytest.raises(InvalidResource):
        Environment.parse(nonsense)


def test_a_repository_that_is_there_already_is_refused(body: dict[str, Any]) -> None:
    body["spec"]["layers"]["persistent"] = {"config": {"strategyRepositories": ["mlflow"]}}
    with pytest.raises(InvalidResource, match="strategyRepositories has names that are taken already: mlflow"):
        Environment.parse(body)
