"""What the steps of one turn hand to each other.

Data only. Must never outlive its turn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradai_operator.decide.decision import AddFinalizer, Decision
from tradai_operator.model import Environment, EnvironmentStatus, Metadata
from tradai_operator.reconcile.secrets import SecretValues
from tradai_runner.contract import RunRequest, RunResult


@dataclass(frozen=True)
class Observed:
    """The status with the news of all runs, and handle → result of those that ended."""

    status: EnvironmentStatus
    results: Mapping[str, RunResult] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """An environment as people `declared` it, and as it is held to its guards; its status with what people ask."""

    declared: Environment
    env: Environment
    status: EnvironmentStatus
    secrets: SecretValues


@dataclass(frozen=True)
class Judged:
    """What is to be done, and on which status that was decided; `env` says only who it is where the spec is invalid."""

    env: Metadata
    status: EnvironmentStatus
    decision: Decision
    secrets: SecretValues = field(default_factory=SecretValues)

    @property
    def holds(self) -> bool:
        """Whether the finalizer comes first, and anything else in the turn that it brings about."""
        return any(isinstance(action, AddFinalizer) for action in self.decision.actions)


@dataclass(frozen=True)
class Intent:
    """The status that names the runs which begin next, and handle → what they are asked for."""

    status: EnvironmentStatus
    requests: Mapping[str, RunRequest] = field(default_factory=dict)
