"""A layer can be previewed while every output that it reads is still unknown."""

import asyncio
import importlib
from dataclasses import fields
from typing import Any, get_type_hints

import pulumi
import pytest

from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tests.unit.iac.whole_graph import layer_run
from tradai_blueprints.tradai.declaration import TRADAI

READERS = tuple(layer.name for layer in TRADAI.layers if layer.reads)


def settled(value: Any) -> "asyncio.Future[Any]":
    future = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


def unknown() -> pulumi.Output[Any]:
    return pulumi.Output(settled(set()), settled(None), settled(False), settled(False))


def preview(layer: str) -> Run:
    declared = TRADAI.layer(layer)
    program = importlib.import_module(f"tradai_blueprints.tradai.layers.{layer}.program").program

    def with_unknowns(config: Any, context: Any, _: None) -> Any:
        upstream = get_type_hints(declared.inputs)
        read = {name: part(**{f.name: unknown() for f in fields(part)}) for name, part in upstream.items()}
        return program(config, context, declared.inputs(**read))

    return run_program(with_unknowns, declared.config(), context_for("dev"), None, preview=True)


@pytest.mark.parametrize("layer", READERS)
def test_a_preview_shows_every_resource_although_nothing_upstream_is_known(layer: str) -> None:
    shown = {(resource.type, resource.name) for resource in preview(layer)}
    assert shown == {(resource.type, resource.name) for resource in layer_run(layer, "dev")}
