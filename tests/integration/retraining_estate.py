"""The retraining workflow at one endpoint with the project's own functions, and an MLflow that keeps what it is told.

The stand-in of MLflow answers the calls of `shared/mlflow.py` alone; those are held against a real server by the
functions' own tests. Must never say for a function what it answers.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.integration.backtest_estate import Backtests, Service
from tests.integration.lambda_estate import REGION
from tests.integration.provider_server import ROOT
from tests.integration.workflow_estate import CLUSTER, Workflows
from tests.standins.answering import answering
from tools.provision import worlds
from tradai_blueprints.tradai.config.lambdas import LAMBDAS
from tradai_blueprints.tradai.config.needs import Needs
from tradai_blueprints.tradai.config.workflows import WORKFLOWS

_NAMES: Final = frozenset(name for row in WORKFLOWS if row.name == "retraining" for name in row.functions)
_API: Final = "/mlflow/api/2.0/mlflow/"
_SECRET: Final = "tradai/mlflow-credentials-dev"
#: How many days the models were played on: more than the comparison needs.
_DAYS: Final = 40


@dataclass
class Registry:
    """An MLflow: the champion of each model, the versions by job, each with a run of its own."""

    url: str = ""
    champions: dict[str, str] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    edges: dict[str, float] = field(default_factory=dict)
    refuses: bool = False

    def train(self, model: str, job: str, edge: float, days: int = _DAYS) -> str:
        """What the training of a job registers: a version that earns `edge` a day more than the champion."""
        version = str(len(self.versions) + 2)
        tags = [{"key": "job_id", "value": job}]
        run = f"run-{version}-{days}"
        self.versions[version] = {"name": model, "version": version, "run_id": run, "status": "READY", "tags": tags}
        self.edges[run] = edge
        return version

    def answer(self, _method: str, path: str, body: bytes) -> tuple[int, Any]:
        """What MLflow says to a call, whose parameters stand in the query or in the body."""
        parts = urlsplit(path)
        return self._said(parts.path.removeprefix(_API), {**dict(parse_qsl(parts.query)), **json.loads(body or b"{}")})

    def _said(self, path: str, asked: Mapping[str, str]) -> tuple[int, Any]:
        if path == "registered-models/get":
            aliases = [{"alias": "champion", "version": self.champions[asked["name"]]}]
            return 200, {"registered_model": {"name": asked["name"], "aliases": aliases}}
        if path == "model-versions/search":
            found = [each for each in self.versions.values() if f"'{each['tags'][0]['value']}'" in asked["filter"]]
            return 200, {"model_versions": found}
        if path == "model-versions/get":
            return 200, {"model_version": self.versions[asked["version"]]}
        if path == "runs/get":
            counts = [{"key": f"holdout_trades{of}", "value": 200} for of in ("", "_champion")]
            return 200, {"run": {"data": {"metrics": counts, "tags": [{"key": "champion_version", "value": "1"}]}}}
        if path == "metrics/get-history":
            return 200, {"metrics": self._history(asked["run_id"], asked["metric_key"])}
        if path == "registered-models/alias" and not self.refuses:
            if asked["alias"] == "champion":
                self.champions[asked["name"]] = asked["version"]
            return 200, {}
        return 500, {}

    def _history(self, run: str, metric: str) -> list[dict[str, Any]]:
        edge = 0.0 if metric.endswith("_champion") else self.edges[run]
        days = range(int(run.rsplit("-", 1)[1]))
        return [
            {"key": metric, "step": 20_000 + day, "timestamp": day, "value": edge * (1 + day % 3) / 2} for day in days
        ]


@contextmanager
def registry() -> Iterator[Registry]:
    """An MLflow that ends with the block."""
    known = Registry()
    with answering(known.answer) as address:
        known.url = f"{address}/mlflow"
        yield known


class Retrainings(Backtests):
    """What stands at one endpoint: the workflow's four functions, their tables, an agent's word."""

    def __init__(self, workflows: Workflows, mlflow: Registry) -> None:
        super().__init__(workflows, Service())
        self.mlflow = mlflow
        self._secret = self._registrations = ""

    def lay_ground(self) -> None:
        """All that the functions use, then they themselves; from now on the cluster's tasks wait for the agent."""
        worlds.ensure(ROOT, "lambdas")
        self.workflows.lay_ground()
        topic = self("sns").create_topic(Name="tradai-alerts-dev")["TopicArn"]
        self._registrations = self("sns").create_topic(Name="tradai-registration-dev")["TopicArn"]
        self.heard = self("sqs").create_queue(QueueName="heard")["QueueUrl"]
        self("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:heard")
        login = json.dumps({"username": "u", "password": "p"})
        self._secret = self("secretsmanager").create_secret(Name=_SECRET, SecretString=login)["ARN"]
        rows = [row for row in LAMBDAS if row.name in _NAMES]
        for component in sorted({table for row in rows for table in row.needs.tables}):
            self._table(component)
        self.workflows.arns |= {row.name: self._function(row, topic) for row in rows}
        self("ecs").discover_poll_endpoint(cluster=CLUSTER)

    def _role(self, function: str, name: str) -> str:
        """The deployed role, for this cluster and this secret: AWS ends a secret's ARN with characters of its own."""
        role = super()._role(function, name)
        said = self("iam").get_role_policy(RoleName=name, PolicyName=name)["PolicyDocument"]
        here = json.dumps(said).replace(f'{_SECRET}"', f'{_SECRET}{self._secret.rpartition(_SECRET)[2]}"')
        self("iam").put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=here)
        return role

    def _variables(self, needs: Needs, topic: str) -> dict[str, str]:
        found = {**super()._variables(needs, topic), "MLFLOW_TRACKING_URI": self.mlflow.url}
        registered = {"SNS_REGISTRATION_TOPIC_ARN": self._registrations} if "registration" in needs.topics else {}
        return found | registered | {"MLFLOW_CREDENTIALS_SECRET_ARN": self._secret}

    def held(self, model: str) -> dict[str, Any]:
        """What retraining-state says of a model."""
        item = self("dynamodb").get_item(TableName="tradai-retraining-state-dev", Key={"model_name": {"S": model}})[
            "Item"
        ]
        return {name: next(iter(value.values())) for name, value in item.items()}

    def drifted(self, model: str, verdict: str, at: str) -> None:
        """What drift-monitor has seen of a model."""
        finding = {"M": {"model_version": {"S": "1"}, "verdict": {"S": verdict}}}
        times = {"checked_at": {"S": at}, "since": {"S": at}}
        item = {"model_name": {"S": model}, "finding": finding, "revision": {"N": "1"}, **times}
        self("dynamodb").put_item(TableName="tradai-drift-state-dev", Item=item)
