"""The container-image functions of compute, with what starts each (002 §7, 001 §6 `lambda_funcs.py`).

Must never make `update-nat-routes`: its code is inline in foundation (000).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pulumi

from tradai_blueprints.tradai.config.lambdas import LambdaFunction
from tradai_blueprints.tradai.config.overrides import Schedules
from tradai_blueprints.tradai.layers.compute.lambda_function import ImageFunction, Surroundings
from tradai_blueprints.tradai.layers.compute.lambda_triggers import Consumption, Hearing, Schedule
from tradai_iac.core.component import Component

Rows = tuple[LambdaFunction, ...]


@dataclass(frozen=True, kw_only=True)
class LambdaFunctionsArgs(Surroundings):
    """The rows to make, what they share, and the schedules that people set in place of 002 §7's."""

    rows: Sequence[LambdaFunction]
    schedules: Schedules


class LambdaFunctions(Component):
    """`arns`: function → ARN. A row that starts a workflow needs that workflow in the wiring, else KeyError."""

    def __init__(self, name: str, args: LambdaFunctionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("compute:LambdaFunctions", name, opts)
        self._args = args
        self.arns: Mapping[str, pulumi.Output[str]] = {row.name: self._made(row) for row in args.rows}
        self.register_outputs({"arns": self.arns})

    def _made(self, row: LambdaFunction) -> pulumi.Output[str]:
        args = self._args
        function = ImageFunction(row, args, self.child()).function
        expression = args.schedules.of(row.name) or row.schedule
        if expression:
            Schedule(row, expression, function, args.naming, self.child())
        for queue in row.needs.consumes:
            Consumption(row, args.wiring.queue_arns[queue], function, self.child())
        for topic in row.needs.hears:
            Hearing(row, topic, args.wiring.topic_arns[topic], function, self.child())
        return function.arn


def in_two(rows: Iterable[LambdaFunction]) -> tuple[Rows, Rows]:
    """The functions with an image: those to make first, and the "deferred" (001 §6) that know a workflow."""
    images = [row for row in rows if not row.inline]
    return tuple(r for r in images if not _deferred(r)), tuple(r for r in images if _deferred(r))


def _deferred(row: LambdaFunction) -> bool:
    return bool(row.needs.workflows or row.needs.follows)
