"""One order of words for `tradai infra`: the layer, then the environment; the earlier one is still understood."""

from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.documents.manifests import EXAMPLES
from tradai_cli import infra, layers_at_once
from tradai_cli.order import in_order, maybe_in_order
from tradai_iac.blueprints import BLUEPRINTS

LAYERS = sorted({layer for blueprint in BLUEPRINTS.values() for layer in blueprint.layer_names})
ENVIRONMENTS = st.sampled_from(["dev", "staging", "prod"]) | st.from_regex(r"eph-[a-z0-9]{1,8}", fullmatch=True)
#: Words that take something else than a layer and an environment.
OTHERS = {"backend": ["env"], "preview-all": ["env"], "teardown": ["what", "env"], "outputs": ["first", "second"]}


@given(layer=st.sampled_from(LAYERS), env=ENVIRONMENTS)
def test_both_orders_mean_the_same(layer: str, env: str) -> None:
    assert in_order(layer, env) == in_order(env, layer) == (layer, env)
    assert maybe_in_order(layer, env) == maybe_in_order(env, layer) == (layer, env)
    assert maybe_in_order(env, None) == (None, env)


@given(first=st.text(max_size=9), second=st.text(max_size=9))
def test_words_that_could_be_either_are_taken_as_they_stand(first: str, second: str) -> None:
    layer, env = in_order(first, second)
    assert {layer, env} == {first, second}
    assert in_order(layer, env) == (layer, env)


_GROUP: Any = typer.main.get_command(infra.app)


@pytest.mark.parametrize("name", sorted(_GROUP.commands))
def test_each_word_takes_the_layer_first(name: str) -> None:
    parameters = _GROUP.commands[name].params
    taken = [parameter.name for parameter in parameters if parameter.param_type_name == "argument"]
    assert taken == OTHERS.get(name, ["layer", "env"])


@pytest.mark.parametrize("words", [("compute", "dev"), ("dev", "compute"), ("dev",)], ids=" ".join)
def test_outputs_takes_one_layer_or_all(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def exported(layer: str, *_: object, **__: object) -> dict[str, str]:
        asked.append(layer)
        return {}

    monkeypatch.setattr(layers_at_once, "checkpoints", lambda spec: dict.fromkeys(spec.declaration.layer_names))
    monkeypatch.setattr(layers_at_once, "_exported", exported)
    told = CliRunner().invoke(infra.app, ["outputs", *words, "--json", "--file", str(EXAMPLES / "env-dev.yaml")])
    assert told.exit_code == 0, told.output
    assert asked == (["compute"] if len(words) > 1 else ["persistent", "foundation", "compute", "edge"])


def test_the_recipe_says_it_in_the_same_order() -> None:
    recipes = (EXAMPLES.parents[1] / "justfile").read_text()
    assert "{{ infra }} outputs {{ if layer" in recipes
