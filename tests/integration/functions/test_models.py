"""compare-models, promote-model and model-rollback by their handlers, on deployed tables and a real MLflow."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from compare_models import handler as compare
from model_rollback import handler as rollback
from promote_model import handler as promote
from shared import clients, clock
from shared.champions import BusyError
from shared.entry import RefusedError
from shared.http import UnansweredError
from shared.mlflow import MLflow
from shared.retraining import Outcome, Retrainings
from shared.rollbacks import Rollbacks

HANDLERS = (compare, promote, rollback)
#: 40 days: the champion's returns, and the challenger's, better by a tenth of a percent a day with some noise.
CHAMPION = {20000 + day: 0.001 * (day % 5) for day in range(40)}
BETTER = {day: value + 0.001 + 0.0004 * (-1) ** day for day, value in CHAMPION.items()}


@dataclass
class Estate:
    """One model with its tables, topics and server."""

    deployed: Any
    mlflow: Any
    model: str
    context: Any
    heard: Mapping[str, str]
    tables: Mapping[str, Any]

    def train(self, job: str, against: str | None, returns: Mapping[int, float], trades: float = 50) -> str:
        """A training task registers its version with its hold-out."""
        both = {"holdout_return": returns} | ({"holdout_return_champion": CHAMPION} if against else {})
        counts = {"holdout_trades": trades} | ({"holdout_trades_champion": 50.0} if against else {})
        tags = {"champion_version": against} if against else {}
        return str(self.mlflow.train(self.model, job, returns=both, metrics=counts, tags=tags))

    def champion(self) -> str | None:
        return MLflow(self.mlflow.base, os.environ["MLFLOW_CREDENTIALS_SECRET_ARN"]).champion(self.model)

    def request(self, run: str) -> dict[str, str]:
        return {"run_id": run, "job_id": run, "strategy": "S", "model_name": self.model}

    def compare(self, run: str) -> dict[str, Any]:
        event = {"request": self.request(run), "task_arn": "arn:aws:ecs:task"}
        return json.loads(json.dumps(compare.handle(event, self.context)))

    def promote(self, run: str, comparison: Mapping[str, Any]) -> dict[str, Any]:
        return promote.handle({"request": self.request(run), "comparison": comparison}, self.context)

    def roll_back(self, request: str, **more: Any) -> dict[str, Any]:
        said = {"model_name": self.model, "reason": "it loses money", "requested_by": "ann", "request_id": request}
        return rollback.handle(said | more, self.context)

    def won(self, run: str) -> dict[str, Any]:
        """A run whose challenger beats the champion, or the first one that beats not trading."""
        self.train(run, self.champion(), BETTER)
        answer = self.compare(run)
        assert answer["challenger_wins"], answer
        return answer

    def told(self, topic: str) -> list[dict[str, Any]]:
        return self.deployed.heard(self.heard[topic])


@pytest.fixture
def estate(deployed: Any, mlflow: Any, context: Any) -> Estate:
    for module in HANDLERS:
        module.ENTRY.reset()
    names = ("shadow-test-state", "rollback-state", "deployments", "retraining-state")
    tables = {name: deployed.table(name) for name in names}
    heard = {name: deployed.topic(name) for name in ("alerts", "registration")}
    mlflow.deploy(deployed)
    model = f"m-{uuid4().hex[:8]}"
    mlflow("POST", "registered-models/create", name=model)
    return Estate(deployed, mlflow, model, context, heard, tables)


def test_a_model_is_trained_promoted_beaten_and_rolled_back(estate: Estate) -> None:
    retrainings = Retrainings(estate.tables["retraining-state"].name)
    retrainings.take(estate.model, "r1", {}, timedelta(hours=1))
    first = estate.promote("r1", estate.won("r1"))
    assert (first["version"], first["previous"], estate.champion()) == ("1", None, "1")
    released = retrainings.get(estate.model)
    assert released and (released.running_until, released.outcome) == (None, Outcome.PROMOTED)

    comparison = estate.won("r2")
    second = estate.promote("r2", comparison)
    assert (second["version"], second["previous"], estate.champion()) == ("2", "1", "2")
    assert estate.promote("r2", comparison) == second
    events = [json.loads(each["Message"]) for each in estate.told("registration")]
    assert [(each["kind"], each["version"], each.get("previous")) for each in events] == [
        ("model.promoted", "1", None),
        ("model.promoted", "2", "1"),
    ]

    back = estate.roll_back("q1")
    assert back == {
        "result": "rolled_back",
        "model_name": estate.model,
        "from_version": "2",
        "to_version": "1",
        "request_id": "q1",
    }
    assert estate.champion() == "1"
    assert estate.roll_back("q1") == back | {"result": "already"}
    [alert] = estate.told("alerts")
    assert alert["Subject"] == f"[dev] {estate.model} was rolled back to version 1"
    assert "ann rolled" in alert["Message"] and "it loses money" in alert["Message"]
    assert [json.loads(each["Message"])["kind"] for each in estate.told("registration")] == ["model.rolled_back"]
    with pytest.raises(RefusedError, match="no champion before version 1"):
        estate.roll_back("q2")

    records = estate.tables["deployments"].query(
        IndexName="environment-created_at-index",
        KeyConditionExpression="environment = :dev",
        ExpressionAttributeValues={":dev": "dev"},
    )["Items"]
    assert [(each["kind"], each["model_version"]) for each in records] == [
        ("model-promotion", "1"),
        ("model-promotion", "2"),
        ("model-rollback", "1"),
    ]
    assert not any("ttl" in each for each in records)


def test_a_challenger_that_is_no_better_leaves_the_champion(estate: Estate) -> None:
    estate.promote("r1", estate.won("r1"))
    estate.train("r2", "1", {day: value - 0.001 for day, value in CHAMPION.items()})
    answer = estate.compare("r2")
    assert (answer["challenger_wins"], answer["verdict"], answer["champion_version"]) == (False, "not_better", "1")
    with pytest.raises(RefusedError, match=r"comparison\.challenger_wins.*comparison\.verdict"):
        estate.promote("r2", answer)
    assert estate.champion() == "1"


def test_a_comparison_without_its_word_promotes_nothing(estate: Estate) -> None:
    answer = estate.won("r1")
    for missing in ("challenger_wins", "verdict", "challenger_version", "champion_version"):
        with pytest.raises(RefusedError, match=missing):
            estate.promote("r1", {key: value for key, value in answer.items() if key != missing})
    with pytest.raises(RefusedError, match="is not of job r9"):
        estate.promote("r9", answer)
    with pytest.raises(RefusedError, match="of another model"):
        estate.promote("r1", answer | {"model_name": "another"})
    with pytest.raises(RefusedError, match="has no version 7"):
        estate.promote("r1", answer | {"challenger_version": "7"})
    assert estate.champion() is None


def test_without_a_hold_out_shadow_tests_decide(estate: Estate) -> None:
    estate.promote("r1", estate.won("r1"))
    estate.mlflow.train(estate.model, "r2", returns={})
    assert estate.compare("r2")["verdict"] == "not_enough"
    shadow = {
        "model_name": estate.model,
        "champion_version": "1",
        "challenger_version": "2",
        "trades": {"champion": 40, "challenger": 40},
        "returns": {
            f"2026-10-{day + 1:02}": {"champion": "0.001", "challenger": f"0.00{2 + day % 2}"} for day in range(30)
        },
    }
    table = estate.tables["shadow-test-state"]
    table.put_item(Item=shadow | {"test_id": "t1", "status_created_at": "running#2026-11-01T00:00:00Z"})
    assert estate.compare("r2")["verdict"] == "not_enough"
    table.put_item(Item=shadow | {"test_id": "t1", "status_created_at": "completed#2026-11-01T00:00:00Z"})
    answer = estate.compare("r2")
    assert (answer["verdict"], answer["days"], answer["champion_trades"]) == ("better", 30, 40)
    assert estate.promote("r2", answer)["version"] == "2"


def test_a_job_that_has_registered_nothing_is_said(estate: Estate) -> None:
    with pytest.raises(RefusedError, match=r"no version of .* with the tag job_id r1"):
        estate.compare("r1")


def test_a_promotion_after_a_rollback_is_refused_and_the_rollback_holds(estate: Estate) -> None:
    for run in ("r1", "r2"):
        estate.promote(run, estate.won(run))
    late = estate.won("r3")
    estate.roll_back("q1")
    with pytest.raises(RefusedError, match="the champion is version 1 and the comparison was with 2"):
        estate.promote("r3", late)
    assert estate.champion() == "1"


def test_a_request_id_is_of_one_request(estate: Estate) -> None:
    for run in ("r1", "r2"):
        estate.promote(run, estate.won(run))
    with pytest.raises(RefusedError, match="has been used for another change"):
        estate.roll_back("r2")
    estate.roll_back("q1", to_version="1")
    with pytest.raises(RefusedError, match="has been used for another change"):
        estate.roll_back("q1", to_version="2")
    assert estate.roll_back("q2", to_version="2")["to_version"] == "2"


def test_a_version_that_is_gone_from_mlflow_is_not_gone_back_to(estate: Estate) -> None:
    for run in ("r1", "r2"):
        estate.promote(run, estate.won(run))
    estate.mlflow("DELETE", "model-versions/delete", name=estate.model, version="1")
    with pytest.raises(RefusedError, match="MLflow has no version 1"):
        estate.roll_back("q1")
    assert estate.champion() == "2"
    assert Rollbacks(estate.tables["rollback-state"].name).get(estate.model).pending is None


WON = {"challenger_wins": True, "verdict": "better", "challenger_version": "1", "champion_version": None}
#: What fails where, and how often the call is answered before that.
TROUBLES = [
    ("dynamodb", "before-call.dynamodb.UpdateItem", 0),
    ("dynamodb", "before-call.dynamodb.UpdateItem", 1),
    ("dynamodb", "before-call.dynamodb.UpdateItem", 2),
    ("dynamodb", "before-call.dynamodb.UpdateItem", 3),
    ("dynamodb", "before-call.dynamodb.PutItem", 0),
    ("sns", "before-call.sns.Publish", 0),
]


@pytest.mark.parametrize(("service", "event", "answered"), TROUBLES)
def test_a_promotion_that_is_throttled_anywhere_is_finished_by_the_same_call(
    estate: Estate, service: str, event: str, answered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    retrainings = Retrainings(estate.tables["retraining-state"].name)
    retrainings.take(estate.model, "r1", {}, timedelta(hours=1))
    comparison = WON | {"model_name": estate.model}
    estate.mlflow.train(estate.model, "r1", returns={})
    left = [answered]

    def throttle(**_: Any) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slowly"}}, event)

    _hooked(monkeypatch, event, throttle)
    with pytest.raises(ClientError, match="slowly"):
        estate.promote("r1", comparison)
    assert estate.promote("r1", comparison)["version"] == "1"
    assert estate.champion() == "1"
    history = Rollbacks(estate.tables["rollback-state"].name).get(estate.model)
    assert ([move.to_version for move in history.moves], history.pending) == (["1"], None)
    released = retrainings.get(estate.model)
    assert released and released.outcome is Outcome.PROMOTED
    assert len({json.loads(each["Message"])["event_id"] for each in estate.told("registration")}) == 1


def _hooked(patch: pytest.MonkeyPatch, event: str, what: Callable[..., None]) -> None:
    """Each client and table that functions make from now on asks `what` before that call."""
    made_client, made_table = clients.client, clients.table

    def client(service: str) -> Any:
        found = made_client(service)
        found.meta.events.register_first(event, what, unique_id="trouble")
        return found

    def table(name: str) -> Any:
        found = made_table(name)
        found.meta.client.meta.events.register_first(event, what, unique_id="trouble")
        return found

    patch.setattr(clients, "client", client)
    patch.setattr(clients, "table", table)


def test_mlflow_that_is_away_gives_no_verdict_and_moves_nothing(estate: Estate) -> None:
    comparison = estate.won("r1")
    estate.deployed.set(MLFLOW_TRACKING_URI="http://127.0.0.1:9/mlflow")
    for module in HANDLERS:
        module.ENTRY.reset()
    with pytest.raises(UnansweredError):
        estate.compare("r1")
    with pytest.raises(UnansweredError):
        estate.promote("r1", comparison)
    with pytest.raises(UnansweredError):
        estate.roll_back("q1")
    assert "Item" not in estate.tables["rollback-state"].get_item(Key={"model_name": estate.model})


def test_a_rollback_while_a_promotion_is_under_way_says_so(estate: Estate) -> None:
    estate.promote("r1", estate.won("r1"))
    rollbacks = Rollbacks(estate.tables["rollback-state"].name)
    found = rollbacks.get(estate.model)
    assert rollbacks.begin(found, found.moves[0].model_copy(update={"key": "r2", "at": clock.text(clock.now())}))
    with pytest.raises(BusyError, match=r"a promotion of .* is under way"):
        estate.roll_back("q1")
