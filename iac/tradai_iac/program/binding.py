"""Binds a layer of a blueprint to its stack program, its upstream outputs and its exports.

The only module that imports a blueprint's `layers`. Must never hold a value of its own: it wires what the contracts
declare.
"""

import asyncio
import importlib
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import Field, fields
from threading import Thread
from typing import Any, Protocol, get_type_hints

import pulumi

from tradai_iac.backend import stack_reference
from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.context import Context
from tradai_iac.core.tagging import register_tagging
from tradai_iac.program.exports import Exports
from tradai_iac.settings import Settings


class Watcher(Protocol):
    """Watches one program: `register` before it, `check` after its last line."""

    def register(self) -> None:
        """Notes what the program registers from here on."""

    def check(self) -> None:
        """Raises where the program may not go on."""


def bind(
    blueprint: Blueprint,
    layer: Layer,
    make_context: Callable[[], Context[Settings]],
    config: Mapping[str, Any],
    on_register: Callable[[], None],
    exports: Exports,
    guard: Watcher | None = None,
    unknown: Collection[str] = (),
) -> Callable[[], None]:
    """The inline program of one layer; raises pydantic's ValidationError for a configuration that does not fit.

    The context is made inside the program, because secret outputs need the engine's event loop. The program raises
    what its guard raises.
    """
    typed = layer.config.model_validate(dict(config))

    def program() -> None:
        context = make_context()
        _count_registrations(on_register)
        register_tagging(context)
        if guard:
            guard.register()
        inputs = read_inputs(blueprint, layer, context.environment, unknown)
        export(layer, load(blueprint, layer)(typed, context, inputs), exports)
        if guard:
            guard.check()

    return program


def load(blueprint: Blueprint, layer: Layer) -> Callable[[Any, Context[Any], Any], Any]:
    """The stack program of a layer: configuration, context, inputs → outputs."""
    module = importlib.import_module(f"{blueprint.layer_package(layer.name)}.program")
    program: Callable[[Any, Context[Any], Any], Any] = module.program
    return program


def load_ahead(blueprint: Blueprint, layer: Layer) -> None:
    """Begins to import a layer's program, beside whatever its run waits for before an engine asks for it.

    That takes more of a processor than all else before the engine's first event. What is wrong with a program is said
    once it is run.
    """

    def begin() -> None:
        with suppress(Exception):  # whoever runs it imports it again, and is told
            load(blueprint, layer)

    Thread(target=begin, daemon=True, name="program").start()


def _count_registrations(on_register: Callable[[], None]) -> None:
    def count(_: pulumi.ResourceTransformationArgs) -> None:
        on_register()

    pulumi.runtime.register_stack_transformation(count)


def read_inputs(blueprint: Blueprint, layer: Layer, environment: str, unknown: Collection[str] = ()) -> Any:
    """The layer's inputs, each a required output of an upstream stack (001 §10); those of `unknown` are not known.

    That is for previews alone, before those stacks exist.
    """
    upstreams = {
        upstream: _unknown(contract)
        if upstream in unknown
        else _read(contract, blueprint.stack_project(upstream), environment)
        for upstream, contract in get_type_hints(layer.inputs).items()
    }
    return layer.inputs(**upstreams)


def _unknown(contract: type) -> Any:
    return contract(**{field.name: _unknown_output() for field in fields(contract)})


def _unknown_output() -> pulumi.Output[Any]:
    return pulumi.Output(_settled(set()), _settled(None), _settled(False), _settled(False))


def _settled(value: Any) -> "asyncio.Future[Any]":
    future = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


def _read(contract: type, project: str, environment: str) -> Any:
    reference = pulumi.StackReference(stack_reference(project, environment))
    return contract(**{field.name: _output(reference, field) for field in fields(contract)})


def _output(reference: pulumi.StackReference, field: Field[Any]) -> pulumi.Output[Any]:
    """An upstream output; one that the contract does not allow to be absent fails by name where it is."""
    optional = "None" in str(field.type)
    return reference.get_output(field.name) if optional else reference.require_output(field.name)


def export(layer: Layer, outputs: Any, exports: Exports) -> None:
    """Exports every field of the layer's outputs, the secret ones as secrets, and collects their values."""
    for field in fields(layer.outputs):
        value = pulumi.Output.from_input(getattr(outputs, field.name))
        if field.name in layer.secret_outputs:
            value = pulumi.Output.secret(value)
        pulumi.export(field.name, value)
        exports.collect(field.name, value)
