"""Layers that several blueprints have: one schema for all, each field typed and explained, and held by blueprint."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.unit.operator.systems import ALPHA, SYSTEMS, Word, layer, system
from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.model import Environment, InvalidResource, crd, environment, layers, spec
from tradai_operator.model.environment import sentences
from tradai_operator.model.layer_schema import ConflictError, layers_schema


def config_of(name: str, blueprints: Mapping[str, Blueprint] = SYSTEMS) -> dict[str, Any]:
    config: dict[str, Any] = layers_schema(blueprints)[0]["properties"][name]["properties"]["config"]
    return config


def rules_of(blueprints: Mapping[str, Blueprint] = SYSTEMS) -> dict[str, str]:
    return {rule["rule"]: rule["message"] for rule in layers_schema(blueprints)[1]}


def test_what_people_may_set_is_the_union_each_field_as_its_owner_types_it() -> None:
    properties = config_of("ground")["properties"]
    assert list(properties) == ["size", "note", "secrets", "colour"]
    assert properties["note"]["description"] == "Of alpha: What note is good for in ground."
    assert properties["colour"]["x-kubernetes-validations"][0]["message"] == "write a word of small letters"
    assert list(properties["secrets"]["properties"]) == ["token", "api-key", "password"]


def test_a_default_that_is_not_everybodys_is_left_to_the_blueprint() -> None:
    properties = config_of("ground")["properties"]
    assert not [name for name in ("size", "note", "colour") if "default" in properties[name]]
    assert config_of("roof")["properties"]["open"]["default"] is False


def test_what_only_some_have_is_refused_for_the_others() -> None:
    rules = rules_of()
    note = next(rule for rule in rules if ".?note" in rule)
    assert note == (
        "self.blueprint == 'alpha' || !(self.?layers.?ground.?config.?note.hasValue() || "
        "self.?layers.?ground.?config.?secrets.?api__dash__key.hasValue())"
    )
    assert rules[note].startswith(
        "remove config.note, config.secrets.api-key from layers.ground, or set blueprint: alpha"
    )
    assert not [rule for rule in rules if ".?token" in rule or ".?size" in rule]


def test_a_layer_that_both_have_is_neithers_alone() -> None:
    ground = next(rule for rule in rules_of() if "has(self.layers.ground)" in rule)
    assert ground.endswith("self.blueprint == 'alpha' || self.blueprint == 'beta'")


def test_layers_of_one_owner_are_as_they_were() -> None:
    alone = layers_schema(BLUEPRINTS)[0]["properties"]
    beside = layers_schema({**BLUEPRINTS, **SYSTEMS})[0]["properties"]
    assert {name: beside[name] for name in alone} == alone


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            layer("ground", size=(str, "a", {"max_length": 3})),
            "layers.ground.config.size of alpha and of beta differ in",
        ),
        (layer("ground", size=(int, 5, {"ge": 2, "le": 9})), "minimum 1 and 2"),
        (layer("ground", secrets=(bool, False, {})), "layers.ground.config.secrets"),
    ],
    ids=["type", "bound", "shape"],
)
def test_two_meanings_of_one_field_are_refused_when_the_crd_is_made(other: Any, said: str) -> None:
    with pytest.raises(ConflictError, match=said):
        crd.custom_resource_definition({"alpha": ALPHA, "beta": system("beta", other)})


def test_five_blueprints_fit() -> None:
    more = {name: system(name, *(plenty(part) for part in ("foundation", "compute", name))) for name in "xyz"}
    document = crd.custom_resource_definition({**BLUEPRINTS, **more})
    assert len(json.dumps(document, separators=(",", ":"))) < 150_000


def plenty(name: str) -> Any:
    """As much as a layer of a platform lets people set."""
    return layer(name, **{f"{name}{number}": (str, "a", {"max_length": 64}) for number in range(12)})


NOW = "2027-01-15T08:00:00Z"
THIRD = system("third", layer("store", colour=(Word, "red", {})))


@pytest.fixture
def third(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A blueprint beside those that are installed, with a layer called as one of `sample`."""
    every, cached = {**BLUEPRINTS, THIRD.name: THIRD}, (layers.layers_apart, spec.spec_of, sentences)
    for module in (layers, spec, environment):
        monkeypatch.setattr(module, "BLUEPRINTS", every)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


def body(blueprint: str, **config: Any) -> dict[str, Any]:
    """A resource whose layer `store` has this configuration."""
    return {
        "kind": "TradaiEnvironment",
        "metadata": {"name": "x", "namespace": "n", "uid": "u", "generation": 1, "creationTimestamp": NOW},
        "spec": {
            "environment": "dev",
            "blueprint": blueprint,
            "aws": {"accountId": "123456789012", "region": "eu-central-1"},
            "state": {"backendUrl": "s3://bucket", "secrets": {"passphraseSecretRef": {"name": "s", "key": "k"}}},
            "layers": {"store": {"config": config}},
        },
    }


def parsed(raw: dict[str, Any]) -> Any:
    return Environment.parse(raw).spec


@pytest.mark.usefixtures("third")
def test_a_spec_is_read_by_the_layers_of_its_own_blueprint() -> None:
    ours, theirs = body("third", colour="blue"), body("sample", sortKey="day")
    for read in (parsed, environment.parse_spec):
        assert read(ours).layer("store").overrides == {"colour": "blue"}
        assert read(theirs).layer("store").overrides == {"sortKey": "day"}
    del ours["spec"]["layers"]
    assert isinstance(Environment.parse(ours).spec.layer("store").config, THIRD.layer("store").config)


@pytest.mark.usefixtures("third")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (body("third", sortKey="day"), "spec.layers.store.config.sortKey: is not a field that exists"),
        (body("sample", colour="blue"), "spec.layers.store.config.colour: is not a field that exists"),
        (body("third", colour="BLUE"), "spec.layers.store.config.colour: write a word of small letters"),
    ],
)
def test_what_the_other_blueprint_has_there_is_refused_by_its_place(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidResource, match=re.escape(said)):
        Environment.parse(wrong)


@pytest.mark.usefixtures("third")
def test_a_layer_that_it_has_not_names_all_who_have_it() -> None:
    wrong = body("tradai", note="x")
    with pytest.raises(InvalidResource, match=r"remove layers\.store, or set blueprint: sample or third"):
        Environment.parse(wrong)
