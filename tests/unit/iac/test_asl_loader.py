"""AslTemplateLoader (001 §8): values go in as JSON or not at all, and errors say where to look."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from setuptools import find_namespace_packages

from tradai_blueprints.tradai.layers.compute.step_functions import TEMPLATES
from tradai_iac.core.asl import AslError, AslTemplateLoader

DONE = '{"StartAt": "Done", "TimeoutSeconds": 1, "States": {"Done": {"Type": "Succeed"}}}'
COMMENTED = '{"Comment": {{ text | json }}, ' + DONE[1:]


def loader(folder: Path, **templates: str) -> AslTemplateLoader:
    for name, text in templates.items():
        (folder / f"{name}.json.j2").write_text(text)
    return AslTemplateLoader(folder)


@given(text=st.text())
def test_no_value_can_leave_the_string_that_it_is_put_into(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    if any(mark in text for mark in ("{{", "}}", "{%", "%}", "${")):
        return
    made = loader(tmp_path_factory.mktemp("asl"), w=COMMENTED)
    assert made.load("w", text=text)["Comment"] == text
    assert json.loads(made.render("w", text=text))["Comment"] == text


def test_equal_values_render_equal_text(tmp_path: Path) -> None:
    made = loader(tmp_path, w=COMMENTED)
    assert made.render("w", text="a") == made.render("w", text="a")


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        pytest.param(COMMENTED, "w.json.j2: 'text' is undefined", id="missing value"),
        pytest.param('{"Comment": {{ a.b | json }}, ' + DONE[1:], "w.json.j2: .*no attribute 'b'", id="missing key"),
        pytest.param('{"Comment": "{{ plain }}", ' + DONE[1:], "'p\"p' is written without the filter", id="unencoded"),
        pytest.param("{% if %}", "w.json.j2: ", id="no template syntax"),
        pytest.param('{\n"StartAt": nonsense\n}', "w.json.j2 renders no JSON: .*line 2.*nonsense", id="no JSON"),
        pytest.param("[]", "renders no JSON object", id="no object"),
        pytest.param('{"A": 1, "A": 2}', "written twice: A", id="equal keys"),
        pytest.param(DONE.replace("Succeed", "Suceed"), "w.json.j2 is not a valid workflow: Done: ", id="invalid"),
        pytest.param('{% include "x.json.j2" %}', "no template x.json.j2", id="missing part"),
    ],
)
def test_what_is_wrong_is_said_with_the_place(tmp_path: Path, template: str, complaint: str) -> None:
    with pytest.raises(AslError, match=complaint):
        loader(tmp_path, w=template).load("w", a={}, plain='p"p')


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AslError, match=r"there is no template w\.json\.j2"):
        loader(tmp_path).load("w")


def test_a_macro_hands_on_what_it_encoded_and_refuses_what_it_did_not(tmp_path: Path) -> None:
    parts = "{% macro good(x) %}{{ x | json }}{% endmacro %}{% macro bad(x) %}{{ x }}{% endmacro %}"
    use = '{% import "parts.json.j2" as parts %}{"Comment": {{ parts.%s("<&>") }}, ' + DONE[1:]
    made = loader(tmp_path, parts=parts, good=use.replace("%s", "good"), bad=use.replace("%s", "bad"))
    assert made.load("good")["Comment"] == "<&>"
    with pytest.raises(AslError, match="without the filter"):
        made.load("bad")


def test_the_templates_are_shipped_with_the_package() -> None:
    package = "tradai_blueprints.tradai.layers.compute.asl_templates"
    assert package in find_namespace_packages(str(TEMPLATES.parents[4]))
    assert sorted(path.name for path in TEMPLATES.glob("*.j2")) == sorted(path.name for path in TEMPLATES.iterdir())
