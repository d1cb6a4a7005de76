"""The two workflows as components: names, rights, logs, and what their states are given (000, 001 §6, 002 §2.5, §7)."""

import json
from typing import Any

import pytest

from tests.unit.iac.pulumi_mocks import ACCOUNT, REGION
from tests.unit.iac.workflow_definitions import (
    CLUSTER,
    ECS,
    FAMILY,
    MACHINE,
    NAMES,
    ROLES,
    declare,
    declared,
    definition,
    function_arn,
)
from tradai_iac.config.lambdas import LAMBDAS
from tradai_iac.config.workflows import WORKFLOWS
from tradai_iac.core.asl_model import StateMachine
from tradai_iac.core.asl_rules import ways_out

TRUST = "assumeRolePolicy"
RUNS = {"backtest": "RunBacktest", "retraining": "RunTraining"}
STATES = {
    "backtest": {
        "ValidateStrategy",
        "EvaluateValidation",
        "EnsureData",
        "UpdateStatusRunning",
        "RunBacktest",
        "HandleTimeout",
        "HandleFailure",
        "CleanupResources",
        "HandleSuccess",
        "NotifySuccess",
        "NotifyFailure",
        "BacktestFailed",
    },
    "retraining": {
        "CheckRetrainingNeeded",
        "EvaluateNeed",
        "RunTraining",
        "CompareModels",
        "EvaluateComparison",
        "PromoteModel",
        "NotifyCompletion",
        "NotifyFailure",
        "RetrainingFinished",
        "RetrainingFailed",
    },
}

every_workflow = pytest.mark.parametrize("name", NAMES)


def states(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = definition(name)["States"]
    return found


def called(name: str) -> dict[str, str]:
    """State → ARN of the function that it calls."""
    calls = {state: body["Parameters"].get("FunctionName") for state, body in states(name).items() if is_task(body)}
    return {state: arn for state, arn in calls.items() if arn}


def is_task(state: dict[str, Any]) -> bool:
    return bool(state["Type"] == "Task")


def statements(name: str) -> list[dict[str, Any]]:
    document = json.loads(declared().of("aws:iam/rolePolicy:RolePolicy")[f"{name}-workflow"]["policy"])
    found: list[dict[str, Any]] = document["Statement"]
    return found


def granted(name: str, action: str) -> dict[str, Any]:
    """The one statement that allows an action."""
    (statement,) = [statement for statement in statements(name) if action in statement["Action"]]
    return statement


def task(name: str) -> dict[str, Any]:
    found: dict[str, Any] = states(name)[RUNS[name]]
    return found


def variables(name: str) -> dict[str, str]:
    """What the container is given: name → value, or path into the request."""
    (override,) = task(name)["Parameters"]["Overrides"]["ContainerOverrides"]
    return {entry["Name"]: entry.get("Value", entry.get("Value.$")) for entry in override["Environment"]}


@pytest.mark.parametrize(("name", "count"), [("backtest", 12), ("retraining", 10)])
def test_a_workflow_has_the_number_of_states_that_000_says(name: str, count: int) -> None:
    assert len(states(name)) == count
    assert set(states(name)) == STATES[name]


@every_workflow
def test_a_machine_is_standard_traced_and_logged_without_data(name: str) -> None:
    machine = declared().of(MACHINE)[f"{name}-workflow"]
    assert machine["name"] == f"tradai-{name}-workflow-dev"
    assert machine["type"] == "STANDARD"
    assert machine["tracingConfiguration"] == {"enabled": True}
    logging = machine["loggingConfiguration"]
    group = declared().of("aws:cloudwatch/logGroup:LogGroup")[f"{name}-workflow"]
    assert group["name"] == f"/aws/vendedlogs/states/tradai-{name}-workflow-dev"
    assert (logging["level"], logging["includeExecutionData"]) == ("ALL", False)
    assert logging["logDestination"] == f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:{group['name']}:*"
    assert group["retentionInDays"] == 30


def test_the_exports_of_section_10_are_there() -> None:
    assert declared().outputs == {
        "backtest_workflow_arn": f"arn:aws:sfn:{REGION}:{ACCOUNT}:tradai-backtest-workflow-dev",
        "backtest_workflow_name": "tradai-backtest-workflow-dev",
        "retraining_workflow_name": "tradai-retraining-workflow-dev",
    }


@every_workflow
def test_a_role_calls_the_functions_of_its_workflow_and_no_other(name: str) -> None:
    assert granted(name, "lambda:InvokeFunction")["Resource"]
    assert set(granted(name, "lambda:InvokeFunction")["Resource"]) == set(called(name).values())


def test_every_function_that_002_gives_to_step_functions_is_called() -> None:
    meant = {function_arn(row.name) for row in LAMBDAS if row.trigger == "step-functions"}
    assert {arn for name in NAMES for arn in called(name).values()} == meant


@every_workflow
def test_a_role_runs_any_revision_of_the_strategy_task_on_this_cluster_alone(name: str) -> None:
    run = granted(name, "ecs:RunTask")
    assert run["Action"] == ["ecs:RunTask"]
    assert run["Resource"] == [FAMILY, f"{FAMILY}:*"]
    assert run["Condition"] == {"ArnEquals": {"ecs:cluster": CLUSTER}}
    stop = granted(name, "ecs:StopTask")
    assert stop["Resource"] == [f"{ECS}:task/tradai-cluster-dev/*"]
    assert stop["Condition"] == {"ArnEquals": {"ecs:cluster": CLUSTER}}


@every_workflow
def test_a_role_hands_on_the_two_roles_of_the_task_to_ecs_alone(name: str) -> None:
    handed = granted(name, "iam:PassRole")
    assert handed["Resource"] == list(ROLES)
    assert handed["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


@every_workflow
def test_a_role_hears_of_the_task_by_the_rule_of_step_functions(name: str) -> None:
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/StepFunctionsGetEventsForECSTaskRule"
    assert granted(name, "events:PutRule")["Resource"] == [rule]


@every_workflow
def test_only_what_knows_no_resource_is_allowed_on_all_of_them(name: str) -> None:
    everywhere = {action for s in statements(name) if s["Resource"] == ["*"] for action in s["Action"]}
    assert {action.split(":")[0] for action in everywhere} == {"logs", "xray"}
    assert not [action for action in everywhere if "*" in action]


@every_workflow
def test_a_role_is_taken_by_its_own_machine_alone(name: str) -> None:
    (trust,) = json.loads(declared().of("aws:iam/role:Role")[f"{name}-workflow"][TRUST])["Statement"]
    assert trust["Principal"] == {"Service": ["states.amazonaws.com"]}
    own = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:tradai-{name}-workflow-dev"
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": own},
    }


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


@pytest.mark.parametrize(("name", "first"), [("backtest", "ValidateStrategy"), ("retraining", "CheckRetrainingNeeded")])
def test_the_first_function_is_told_what_to_fill_in(name: str, first: str) -> None:
    assert states(name)[first]["Parameters"]["Payload"] == {
        "request.$": "$",
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


@every_workflow
def test_a_message_decides_nothing(name: str) -> None:
    told = [states(name)[s] for s, arn in called(name).items() if arn == function_arn("notify-completion")]
    assert len(told) == 2
    for body in told:
        assert body["Parameters"]["InvocationType"] == "Event"
        assert body["ResultPath"] is None


def test_a_workflow_without_one_of_its_functions_is_refused() -> None:
    with pytest.raises(KeyError, match="validate-strategy"):
        declare(function_arns={})


def test_every_workflow_has_a_row() -> None:
    assert [f"{row.name}-workflow" for row in WORKFLOWS] == list(declared().of(MACHINE))
