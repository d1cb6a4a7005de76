"""The ECR repositories: six services (001 §3), one a Lambda function (002 §7), and those of strategies.

Must never format a name: these are components, `naming.path` spells the repository.
"""

from collections.abc import Sequence
from typing import Final

from tradai_blueprints.tradai.config.lambdas import LAMBDAS
from tradai_iac.base import Frozen


class Images(Frozen):
    """The fixed repositories; an image without a tag goes after `untagged_days`."""

    services: tuple[str, ...]
    lambdas: tuple[str, ...]
    untagged_days: int

    @property
    def fixed(self) -> tuple[str, ...]:
        """The 24 repositories that every environment has."""
        return self.services + self.lambdas

    def repositories(self, strategies: Sequence[str]) -> tuple[str, ...]:
        """The fixed repositories and the configured ones; raises ValueError where a name is taken twice."""
        every = (*self.fixed, *strategies)
        taken = sorted({name for name in strategies if every.count(name) > 1})
        if taken:
            raise ValueError(f"strategyRepositories has names that are taken already: {', '.join(taken)}")
        return every


IMAGES: Final = Images(
    services=(
        "backend",
        "data-collection",
        "strategy-service",
        "mlflow",
        "live-trading",
        "dry-run-trading",
    ),
    lambdas=tuple(function.name for function in LAMBDAS),
    untagged_days=14,
)
