"""What is tried with one resource type: how it is made, changed, meddled with and replaced, and what AWS then says.

Data only; `tests.integration.provider_harness` runs all cases in one stack of the real engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

Aws = Callable[[str], Any]
Props = Mapping[str, Any]


@dataclass(frozen=True)
class Ref:
    """An output of another case's resource: `Ref("sqs.queue", "url")`; the attribute is spelled as in Python."""

    case: str
    attribute: str = "id"


@dataclass(frozen=True)
class Given:
    """Something that is no case, but made by plain AWS calls before the first phase (a certificate).

    Cases name it by a `Ref` whose attribute is its ARN: `Ref("acm.certificate", "arn")`.
    """

    name: str
    make: Callable[[Aws], str]
    arn: str = ""


@dataclass(frozen=True)
class Case:
    """One resource of one type.

    - `args`: its arguments as a program writes them (snake case); values may be, or hold, `Ref`s.
    - `look`: what plain AWS calls say of it, given its state in Pulumi's names (with `id`); compared to `first`, and
      after the update to `updated`. Looking at what is gone raises an AWS error, or gives None or something empty.
    - `update`: arguments that change in place. `meddle`: changes it behind Pulumi's back; `drifted` are the
      properties that a refresh must then show as changed; the next up must make good what `meddle` did.
    - `replace`: arguments whose change needs a new resource.
    - `import_id`: what an import of it is given, over its state; by default its id. None where it cannot be imported.
    - `not_imported`: arguments that no import can find again (passwords, and what only steers the provider).
    - `retained`: nobody may delete it on its own; it goes with its owner (`retain_on_delete`).
    - `prepare`: what has to be in AWS before anything is made, and is no stack's (an image in a registry).
    """

    name: str
    token: str
    args: Props
    look: Callable[[Aws, Props], Any]
    first: Any
    update: Props = field(default_factory=dict)
    updated: Any = None
    meddle: Callable[[Aws, Props], Any] | None = None
    drifted: frozenset[str] = frozenset()
    replace: Props = field(default_factory=dict)
    import_id: Callable[[Props], str] | None = lambda state: str(state["id"])
    not_imported: frozenset[str] = frozenset()
    retained: bool = False
    prepare: Callable[[Aws], Any] | None = None

    def arguments(self, phase: str) -> dict[str, Any]:
        """The arguments of a phase: first, updated or replaced."""
        more = {"first": {}, "updated": self.update, "replaced": {**self.update, **self.replace}}
        return {**self.args, **more[phase]}


def resolved(value: Any, made: Mapping[str, pulumi.Resource | Given]) -> Any:
    """`value` with every `Ref` in it replaced by the output it names."""
    if isinstance(value, Ref):
        return getattr(made[value.case], value.attribute)
    if isinstance(value, Mapping):
        return {k: resolved(v, made) for k, v in value.items()}
    return [resolved(v, made) for v in value] if isinstance(value, list) else value
