"""What the states of both workflows are given, how long they may take, where each error leads (001 §6, 002 §2.5)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.iac.workflow_definitions import (
    CLUSTER,
    FAMILY,
    NAMES,
    called,
    definition,
    function_arn,
    is_task,
    states,
)
from tradai_blueprints.tradai.config.lambdas import LAMBDAS
from tradai_blueprints.tradai.config.workflows import OVERRIDES_OF_WORKFLOWS, WORKFLOWS
from tradai_iac.core.asl_model import StateMachine
from tradai_iac.core.asl_rules import ways_out

ROOT = Path(__file__).resolve().parents[3]
RUNS = {"backtest": "RunBacktest", "retraining": "RunTraining"}

every_workflow = pytest.mark.parametrize("name", NAMES)


def task(name: str) -> dict[str, Any]:
    found: dict[str, Any] = states(name)[RUNS[name]]
    return found


def variables(name: str) -> dict[str, str]:
    """What the container is given: name → value, or path into the request."""
    (override,) = task(name)["Parameters"]["Overrides"]["ContainerOverrides"]
    return {entry["Name"]: entry.get("Value", entry.get("Value.$")) for entry in override["Environment"]}


@every_workflow
def test_the_container_is_given_the_variables_of_section_2_5(name: str) -> None:
    assert variables(name) == {
        "JOB_ID": "$.request.job_id",
        "STRATEGY": "$.request.strategy",
        "STRATEGY_ID": "$.request.strategy_id",
        "TRADING_MODE": {"backtest": "backtest", "retraining": "train"}[name],
        "MLFLOW_TRACKING_URI": "http://mlflow.tradai-dev.local:5000/mlflow",
        "CONFIG_PATH": "$.request.config_path",
        "DYNAMODB_TABLE": "tradai-workflow-state-dev",
        "S3_RESULTS_BUCKET": "tradai-results-dev",
        "ARCTICDB_S3_URI": "s3://tradai-arcticdb-dev",
        "TIMEFRAME": "$.request.timeframe",
        "TIMERANGE": "$.request.timerange",
        "PAIRS": "$.request.pairs",
        "EXPERIMENT_NAME": "$.request.experiment_name",
    }


@every_workflow
def test_the_task_runs_on_spot_in_the_private_subnets_without_an_address(name: str) -> None:
    parameters = task(name)["Parameters"]
    assert task(name)["Resource"] == "arn:aws:states:::ecs:runTask.sync"
    assert parameters["Cluster"] == CLUSTER
    assert parameters["CapacityProviderStrategy"] == [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]
    assert "LaunchType" not in parameters
    assert parameters["NetworkConfiguration"]["AwsvpcConfiguration"] == {
        "AssignPublicIp": "DISABLED",
        "SecurityGroups": ["sg-ecs"],
        "Subnets": ["subnet-1", "subnet-2"],
    }


@pytest.mark.parametrize(
    ("name", "first", "given"),
    [
        ("backtest", "ValidateStrategy", {"request.$": "$"}),
        (
            "retraining",
            "CheckRetrainingNeeded",
            {"request.$": "$$.Execution.Input", "execution_arn.$": "$$.Execution.Id"},
        ),
    ],
)
def test_the_first_function_is_told_what_to_fill_in(name: str, first: str, given: dict[str, str]) -> None:
    assert states(name)[first]["Parameters"]["Payload"] == {
        **given,
        "defaults": {
            "config_path": "/freqtrade/user_data/config.json",
            "experiment_name": "default",
            "task_definition": FAMILY,
        },
    }


@pytest.mark.parametrize(("name", "fork"), [("backtest", "EvaluateValidation"), ("retraining", "EvaluateNeed")])
def test_nothing_runs_before_all_that_the_task_reads_is_there(name: str, fork: str) -> None:
    present = {test["Variable"] for test in states(name)[fork]["Choices"][0]["And"] if test.get("IsPresent")}
    read = {value for value in variables(name).values() if value.startswith("$.")}
    read.add(task(name)["Parameters"]["TaskDefinition.$"])
    assert read <= present


@every_workflow
def test_a_function_has_longer_than_its_own_limit(name: str) -> None:
    limits = {function_arn(row.name): row.timeout_seconds for row in LAMBDAS}
    for state, arn in called(name).items():
        assert states(name)[state]["TimeoutSeconds"] > limits[arn]


@every_workflow
def test_a_backtest_may_take_more_than_two_hours_and_the_machine_outlasts_it(name: str) -> None:
    rest = sum(body["TimeoutSeconds"] for state, body in states(name).items() if state in called(name))
    limit = task(name)["TimeoutSeconds"]
    assert limit > 2 * 3600
    assert definition(name)["TimeoutSeconds"] >= limit + rest + 3600


@every_workflow
def test_every_task_tries_again_with_growing_pauses_what_is_not_its_own_fault(name: str) -> None:
    for body in filter(is_task, states(name).values()):
        (first, *_) = body["Retry"]
        assert first["BackoffRate"] > 1
        assert first["JitterStrategy"] == "FULL"
        if "lambda" in body["Resource"]:
            assert {"Lambda.ServiceException", "Lambda.TooManyRequestsException"} <= set(first["ErrorEquals"])
        else:
            assert "States.TaskFailed" not in first["ErrorEquals"]


@every_workflow
def test_every_task_on_the_way_catches_all_errors_and_goes_to_a_bad_end(name: str) -> None:
    machine = StateMachine.model_validate(definition(name))
    way = {"backtest": "NotifySuccess", "retraining": "NotifyCompletion"}[name]
    for state, body in states(name).items():
        if is_task(body) and state != way:
            assert body["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
            assert ends_after(machine, body["Catch"][-1]["Next"]) == {f"{name.capitalize()}Failed"}


def ends_after(machine: StateMachine, start: str) -> set[str]:
    """The ends that all lead to from a state on, by any way."""
    following = ways_out(machine.states[start])
    return set().union(*(ends_after(machine, state) for state in following)) if following else {start}


def test_a_backtest_that_takes_too_long_is_told_apart() -> None:
    catchers = [(catcher["ErrorEquals"], catcher["Next"]) for catcher in task("backtest")["Catch"]]
    assert catchers == [(["States.Timeout"], "HandleTimeout"), (["States.ALL"], "HandleFailure")]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("UpdateStatusRunning", "running"),
        ("HandleSuccess", "completed"),
        ("HandleTimeout", "timed_out"),
        ("HandleFailure", "failed"),
    ],
)
def test_a_status_is_written_with_insistence(state: str, status: str) -> None:
    body = states("backtest")[state]
    assert called("backtest")[state] == function_arn("update-status")
    assert body["Parameters"]["Payload"]["status"] == status
    assert body["Retry"][-1]["ErrorEquals"] == ["States.ALL"]


@pytest.mark.parametrize("state", ["CompareModels", "PromoteModel"])
def test_what_bears_being_called_twice_is_tried_again_and_a_refusal_is_not(state: str) -> None:
    refused, anything = states("retraining")[state]["Retry"][-2:]
    assert (refused["ErrorEquals"], refused["MaxAttempts"]) == (["RefusedError"], 0)
    assert (anything["ErrorEquals"], anything["MaxAttempts"]) == (["States.ALL"], 5)


def test_a_promotion_waits_longer_than_a_move_that_died_is_in_its_way() -> None:
    """Jitter may draw every pause as nothing, so there is none."""
    (again,) = (each for each in states("retraining")["PromoteModel"]["Retry"] if each["ErrorEquals"] == ["States.ALL"])
    assert again.get("JitterStrategy", "NONE") == "NONE"
    pauses = [again["IntervalSeconds"] * again["BackoffRate"] ** at for at in range(again["MaxAttempts"])]
    said = (ROOT / "lambdas" / "shared" / "rollbacks.py").read_text()
    (margin,) = re.findall(r"ABANDONED: Final = timedelta\(\s*seconds=(\d+) \+ max\(", said)
    limits = {row.name: row.timeout_seconds for row in LAMBDAS}
    abandoned = int(margin) + max(limits["promote-model"], limits["model-rollback"])
    assert sum(min(pause, again.get("MaxDelaySeconds", pause)) for pause in pauses) > abandoned


@every_workflow
def test_a_message_decides_nothing(name: str) -> None:
    told = [states(name)[s] for s, arn in called(name).items() if arn == function_arn("notify-completion")]
    assert len(told) == 2
    for body in told:
        assert body["Parameters"]["InvocationType"] == "Event"
        assert body["ResultPath"] is None


def test_candles_that_are_not_there_yet_are_asked_for_again_by_the_function_s_own_word() -> None:
    *_, again = states("backtest")["EnsureData"]["Retry"]
    (word,) = again["ErrorEquals"]
    said = (ROOT / "lambdas" / "data_collection_proxy" / "logic.py").read_text()
    assert f"class {word}(Exception)" in said
    limits = {row.name: row.timeout_seconds for row in LAMBDAS}
    (row,) = (row for row in WORKFLOWS if row.name == "backtest")
    longest = (again["MaxAttempts"] + 1) * (limits["data-collection-proxy"] + again["IntervalSeconds"])
    assert 1800 <= longest <= row.timeout_seconds - row.task_timeout_seconds - 3600


@every_workflow
def test_what_does_not_come_with_the_request_leaves_it_its_room(name: str) -> None:
    (override,) = task(name)["Parameters"]["Overrides"]["ContainerOverrides"]
    fixed = [entry for entry in override["Environment"] if "Value" in entry]
    told = [{"name": entry["Name"], "value": entry["Value"]} for entry in fixed]
    around = {"containerOverrides": [{"name": override["Name"], "environment": told}]}
    longer_names = 5 * 30  # of an environment, in each of five values
    assert len(json.dumps(around)) + longer_names <= OVERRIDES_OF_WORKFLOWS
