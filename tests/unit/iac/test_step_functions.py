"""The two workflows as components: names, rights and logs (000, 002 §7, §10)."""

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
    called,
    declare,
    declared,
    function_arn,
    states,
)
from tradai_blueprints.tradai.config.lambdas import LAMBDAS
from tradai_blueprints.tradai.config.workflows import WORKFLOWS

TRUST = "assumeRolePolicy"
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


def statements(name: str) -> list[dict[str, Any]]:
    document = json.loads(declared().of("aws:iam/rolePolicy:RolePolicy")[f"{name}-workflow"]["policy"])
    found: list[dict[str, Any]] = document["Statement"]
    return found


def granted(name: str, action: str) -> dict[str, Any]:
    """The one statement that allows an action."""
    (statement,) = [statement for statement in statements(name) if action in statement["Action"]]
    return statement


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
    assert logging["logDestination"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group['name']}:*"
    assert group["retentionInDays"] == 30


def test_the_exports_of_section_10_are_there() -> None:
    assert declared().outputs == {
        "backtest_workflow_arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:tradai-backtest-workflow-dev",
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


def test_a_workflow_without_one_of_its_functions_is_refused() -> None:
    with pytest.raises(KeyError, match="validate-strategy"):
        declare(function_arns={})


def test_every_workflow_has_a_row() -> None:
    assert [f"{row.name}-workflow" for row in WORKFLOWS] == list(declared().of(MACHINE))
