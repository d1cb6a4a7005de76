"""What was deployed when, by whom and why, in the table deployments: a record that is written once.

Must never change a record, nor give one of a model an end: the history in rollback-state is cut, this one is not.
"""

from typing import Literal

from shared.base import Frozen
from shared.tables import Table


class Deployment(Frozen):
    """One item; of models `deployment_id` is the id of the move, so that writing it twice is writing it once."""

    strategy_name: str
    deployment_id: str
    environment: str
    created_at: str
    kind: Literal["model-promotion", "model-rollback"]
    model_name: str
    model_version: str
    previous_version: str | None = None
    requested_by: str
    reason: str


class Deployments:
    """The table deployments."""

    def __init__(self, table: str) -> None:
        self.table = Table("deployments", table)

    def record(self, deployment: Deployment) -> bool:
        """Write it down; False where it is written already."""
        return self.table.create(deployment.model_dump(exclude_none=True))
