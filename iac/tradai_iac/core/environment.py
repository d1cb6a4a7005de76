"""Environment variables of containers and functions (001 §8 EnvironmentBuilder).

Must never carry a secret's value: a workload is given the ARN and reads it itself, so that a rotated or late value
needs no new deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import pulumi

Value: TypeAlias = "pulumi.Input[str]"


class EnvironmentBuilder:
    """Collects variables; each method returns the builder. Values may be outputs."""

    def __init__(self) -> None:
        self._variables: dict[str, Value] = {}

    def add(self, name: str, value: Value) -> EnvironmentBuilder:
        """One variable; raises ValueError where the name is taken."""
        if name in self._variables:
            raise ValueError(f"environment variable {name} is set twice")
        self._variables[name] = value
        return self

    def add_all(self, variables: Mapping[str, Value]) -> EnvironmentBuilder:
        """Several variables; raises ValueError where a name is taken."""
        for name, value in variables.items():
            self.add(name, value)
        return self

    def add_if(self, condition: bool, name: str, value: Value) -> EnvironmentBuilder:
        """One variable where the condition holds."""
        return self.add(name, value) if condition else self

    def build(self) -> pulumi.Output[dict[str, str]]:
        """Name → value, as a function takes them, in the order of names."""
        return pulumi.Output.all(**{name: self._variables[name] for name in sorted(self._variables)})

    def build_list(self) -> pulumi.Output[list[dict[str, str]]]:
        """`[{"name": …, "value": …}]`, as a container definition takes them, in the order of names."""
        return self.build().apply(lambda known: [{"name": name, "value": known[name]} for name in sorted(known)])
