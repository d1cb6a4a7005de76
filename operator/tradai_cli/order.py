"""The order of words after `tradai infra <word>`: first the layer, then the environment.

An earlier order is still understood, since people and scripts have it: names of layers and environments differ. Must
never guess where both words could be the same thing.
"""

from typing import Annotated

import typer

from tradai_operator.model.spec import is_environment_name

Layer = Annotated[str, typer.Argument(metavar="LAYER", help="persistent, foundation, compute or edge")]
Env = Annotated[str, typer.Argument(metavar="ENV", help="the environment: dev, staging, prod or eph-…")]
LayerOrEnv = Annotated[str, typer.Argument(metavar="[LAYER]", help="one layer; without it, all")]
EnvAfterLayer = Annotated[
    str | None, typer.Argument(metavar="ENV", help="the environment: dev, staging, prod or eph-…", show_default=False)
]


def in_order(layer: str, env: str) -> tuple[str, str]:
    """Layer and environment, whichever came first."""
    turned = is_environment_name(layer) and not is_environment_name(env)
    return (env, layer) if turned else (layer, env)


def maybe_in_order(first: str, second: str | None) -> tuple[str | None, str]:
    """The same where the layer may be left out."""
    return (None, first) if second is None else in_order(first, second)
