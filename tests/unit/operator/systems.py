"""Blueprints that nobody has: layers called as another's, with settings of their own."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, create_model

from tradai_blueprints.sample.declaration import SAMPLE
from tradai_iac.base import Manifest, worded
from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.secret_refs import SecretSource

Word = Annotated[str, worded(r"^[a-z]+$", "write a word of small letters", 64)]


@dataclass(frozen=True)
class Nothing:
    """Neither read nor exported."""


def layer(name: str, **fields: Any) -> Layer:
    """A layer with these settings: name → (type, default), each with a sentence."""
    described = {
        field: (type_, Field(default=default, description=f"What {field} is good for in {name}.", **more))
        for field, (type_, default, more) in fields.items()
    }
    config: type[Manifest] = create_model(f"{name}Config", __base__=Manifest, **described)  # type: ignore[call-overload]
    return Layer(name, config, Nothing, Nothing)


def system(name: str, *layers: Layer) -> Blueprint:
    """A blueprint of these layers."""
    every = frozenset(each.name for each in layers)
    teardown = dict.fromkeys(("Retain", "Soft", "All", "Everything"), every)
    return replace(SAMPLE, name=name, project=name, layers=layers, teardown=teardown)


class AlphaSecrets(Manifest):
    """Two secrets."""

    token: SecretSource | None = Field(default=None, description="A token.")
    api_key: SecretSource | None = Field(default=None, alias="api-key", description="A key.")


class BetaSecrets(Manifest):
    """One that the other has too, and one more."""

    token: SecretSource | None = Field(default=None, description="A token.")
    password: SecretSource | None = Field(default=None, description="A password.")


ALPHA = system(
    "alpha",
    layer(
        "ground",
        size=(int, 3, {"ge": 1, "le": 9}),
        note=(Word, "alpha", {}),
        secrets=(AlphaSecrets, AlphaSecrets(), {}),
    ),
    layer("roof", open=(bool, False, {})),
)
BETA = system(
    "beta",
    layer(
        "ground",
        size=(int, 5, {"ge": 1, "le": 9}),
        colour=(Word, "red", {}),
        secrets=(BetaSecrets, BetaSecrets(), {}),
    ),
)
SYSTEMS = {"alpha": ALPHA, "beta": BETA}
