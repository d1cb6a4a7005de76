"""A run's stack program: bound to its layer, its request and its exports, and watched by its guard.

Must never start anything: it is the engine that asks for the program.
"""

from collections.abc import Callable
from functools import partial

from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.program.binding import bind
from tradai_iac.program.exports import Exports
from tradai_runner.context import build_context
from tradai_runner.contract import Plan, RunRequest, Update
from tradai_runner.guard.global_names import GlobalNames
from tradai_runner.guard.program import Guard
from tradai_runner.guard.quotas import Quotas
from tradai_runner.record import Record
from tradai_runner.upkeep import Upkeep


def guard_of(request: RunRequest, blueprint: Blueprint, record: Record, upkeep: Upkeep, *, first: bool) -> Guard:
    """What refuses a program that may not go on; `first`: what it needs is held against AWS, as a pre-flight is."""
    return Guard(
        lambda: record.get().resources,
        request.migrations,
        upkeep.unfit,
        immutable=blueprint.immutable,
        only_if_new=isinstance(request, Update) and request.only_if_new,
        counted=(Quotas(request, blueprint.quotas), GlobalNames(request)) if first else (),
    )


def program_of(
    request: RunRequest,
    blueprint: Blueprint,
    layer: Layer,
    registered: Callable[[], None],
    exports: Exports,
    guard: Guard,
) -> Callable[[], None]:
    """The inline program; `registered` is called with each resource. Raises pydantic's ValidationError as `bind`."""
    unknown = request.unknown if isinstance(request, Plan) else ()
    context = partial(build_context, blueprint, request)
    return bind(blueprint, layer, context, request.config, registered, exports, guard, unknown)
