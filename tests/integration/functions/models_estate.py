"""One model with what compare-models, promote-model and model-rollback work on, and how a story of it is told.

Must never decide anything: what the functions say is for the tests.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from compare_models import handler as compare
from model_rollback import handler as rollback
from promote_model import handler as promote
from shared.rollbacks import History, Rollbacks

HANDLERS = (compare, promote, rollback)
#: 40 days: the champion's returns, and a challenger's, better by a tenth of a percent a day with some noise.
RETURNS = {20000 + day: 0.001 * (day % 5) for day in range(40)}
BETTER = {day: value + 0.001 + 0.0004 * (-1) ** day for day, value in RETURNS.items()}
#: What compare-models says of the first version of a model.
WON = {"challenger_wins": True, "verdict": "better", "challenger_version": "1", "champion_version": None}


@dataclass
class Estate:
    """Tables, topics and server; `heard` has the topics' queues."""

    deployed: Any
    mlflow: Any
    context: Any
    model: str = field(default_factory=lambda: f"m-{uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        names = ("shadow-test-state", "rollback-state", "deployments", "retraining-state")
        self.tables = {name: self.deployed.table(name) for name in names}
        self.heard = {name: self.deployed.topic(name) for name in ("alerts", "registration")}
        self.mlflow.deploy(self.deployed)
        self.mlflow("POST", "registered-models/create", name=self.model)
        self.restart()

    def restart(self) -> None:
        """New processes of all three functions."""
        for module in HANDLERS:
            module.ENTRY.reset()

    def train(self, job: str, against: str | None, returns: Mapping[int, float], trades: float = 50) -> str:
        """A training task registers its version with its hold-out."""
        both = {"holdout_return": returns} | ({"holdout_return_champion": RETURNS} if against else {})
        counts = {"holdout_trades": trades} | ({"holdout_trades_champion": 50.0} if against else {})
        tags = {"champion_version": against} if against else {}
        return str(self.mlflow.train(self.model, job, returns=both, metrics=counts, tags=tags))

    def crown(self, version: str) -> None:
        """Somebody moves the alias by hand."""
        self.mlflow("POST", "registered-models/alias", name=self.model, alias="champion", version=version)

    def champion(self) -> str | None:
        """Which version MLflow says is the champion."""
        found = self.mlflow.ask("registered-models/get", name=self.model)["registered_model"]
        return {each["alias"]: each["version"] for each in found.get("aliases", ())}.get("champion")

    def compare(self, run: str) -> dict[str, Any]:
        """compare-models of a run, its answer as Step Functions has it."""
        event = {"request": self._request(run), "task_arn": "arn:aws:ecs:task"}
        return dict(json.loads(json.dumps(compare.handle(event, self.context))))

    def promote(self, run: str, comparison: Mapping[str, Any]) -> dict[str, Any]:
        """promote-model of a run."""
        return dict(promote.handle({"request": self._request(run), "comparison": comparison}, self.context))

    def promoted(self, *runs: str) -> None:
        """Versions 1, 2, …, each trained by its run and promoted."""
        for at, run in enumerate(runs):
            self.mlflow.train(self.model, run, returns={})
            more = {"challenger_version": str(at + 1), "champion_version": str(at) if at else None}
            self.promote(run, WON | more | {"model_name": self.model})

    def roll_back(self, request: str, **more: Any) -> dict[str, Any]:
        """model-rollback, asked by ann."""
        said = {"model_name": self.model, "reason": "it loses money", "requested_by": "ann", "request_id": request}
        return dict(rollback.handle(said | more, self.context))

    def history(self) -> History:
        """What rollback-state has."""
        return Rollbacks(self.tables["rollback-state"].name).get(self.model)

    def told(self, topic: str) -> list[dict[str, Any]]:
        """What was published since the last look."""
        return list(self.deployed.heard(self.heard[topic]))

    def _request(self, run: str) -> dict[str, str]:
        return {"run_id": run, "job_id": run, "strategy": "S", "model_name": self.model}
