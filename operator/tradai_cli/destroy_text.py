"""What a deletion takes, for people: layer by layer in the order in which they go, data first, and what stays.

Must never change anything: it reads the state bucket and prints.
"""

from collections.abc import Iterator, Mapping

from tradai_cli.plan_text import Line, lines
from tradai_operator.model import DeletionPolicy, EnvironmentSpec, keys
from tradai_operator.plan.dag import Dag
from tradai_runner.plan.changes import Plan
from tradai_runner.state.checkpoint import Checkpoint
from tradai_runner.teardown.plan import deletions


def would_go(
    spec: EnvironmentSpec, recorded: Mapping[str, Checkpoint], policy: DeletionPolicy, *, full: bool
) -> Iterator[Line]:
    """What deleting the environment would take under that policy, as its state is now."""
    plans = {name: _plan(spec, name, recorded[name]) for name in doomed(spec, policy) if recorded[name].stands}
    for plan in plans.values():
        yield from lines(plan, full=full)
    yield from staying(spec, policy, [name for name, found in recorded.items() if found.stands])
    names = [change.confirm for plan in plans.values() for change in plan.destructive if change.confirm]
    yield from to_confirm(spec, policy, names)


def doomed(spec: EnvironmentSpec, policy: DeletionPolicy) -> list[str]:
    """The layers that the policy takes, in the order in which they go."""
    taken = spec.declaration.teardown[policy]
    return [name for name in Dag.of(spec.declaration).destroy_order() if name in taken]


def staying(spec: EnvironmentSpec, policy: DeletionPolicy, standing: list[str]) -> Iterator[Line]:
    """What stands on afterwards."""
    going = doomed(spec, policy)
    for name in standing:
        if name not in going:
            yield Line(f"{name} of {spec.environment}: stays (deletionPolicy {policy})", bold=True)


def to_confirm(spec: EnvironmentSpec, policy: DeletionPolicy, names: list[str]) -> Iterator[Line]:
    """What a person has to say before data goes, where any does."""
    if names:
        word = spec.environment if policy == "Everything" else ",".join(names)
        yield Line(f"\nData goes along. To permit it: {keys.CONFIRM_DESTROY}={word}", "red")


def _plan(spec: EnvironmentSpec, layer: str, found: Checkpoint) -> Plan:
    return Plan(
        run_id="",
        layer=layer,
        environment=spec.environment,
        state_version=found.version,
        changes=deletions(found, spec.declaration),
    )
