"""The whole resource graph of an environment as its stack programs register it, without an engine or a network.

What a layer reads from upstream is what the upstream program exports here. Must never be taken for a preview: ids and
ARNs are plausible, not real.
"""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final, get_type_hints

from tradai_iac.base import Manifest
from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.blueprints import BUILDABLE
from tradai_iac.context import Context
from tradai_iac.ids import Ids, readable
from tradai_iac.naming import Naming
from tradai_iac.program.binding import load
from tradai_iac.testing import ACCOUNT, Run, run_program

#: Stands for the digest of every image.
_DIGEST: Final = "sha256:" + "0" * 64


def render(
    blueprint: Blueprint,
    environment: str,
    region: str,
    configs: Mapping[str, Manifest],
    state_bucket: str | None,
    bucket_suffix: str = "",
    ids: Ids = readable,
) -> dict[str, Run]:
    """Layer → what its program registers; raises what a program raises for a configuration that does not fit.

    The blueprint's layers are declared in an order in which each comes after all that it reads.
    """
    runs: dict[str, Run] = {}
    for layer in blueprint.layers:
        config = configs.get(layer.name) or layer.config()
        context = Context(
            environment=environment,
            account_id=ACCOUNT,
            region=region,
            naming=Naming(blueprint.project, environment, bucket_suffix),
            settings=blueprint.settings(environment),
            secrets={},
            state_bucket=state_bucket,
            images={image.component: _DIGEST for image in layer.images(config)},
        )
        runs[layer.name] = run_program(load(blueprint, layer), config, context, _inputs(layer, runs), ids=ids)
    return runs


@cache
def render_defaults(blueprint: str, environment: str, region: str, state_bucket: str | None) -> Mapping[str, Run]:
    """The same with every layer's default configuration, once a process; nobody may change what is handed out."""
    return render(BUILDABLE[blueprint], environment, region, {}, state_bucket)


def _inputs(layer: Layer, runs: Mapping[str, Run]) -> Any:
    read = {
        upstream: contract(**{field.name: runs[upstream].outputs.get(field.name) for field in fields(contract)})
        for upstream, contract in get_type_hints(layer.inputs).items()
    }
    return layer.inputs(**read)
