"""What each container-image function may do: what its row needs, and what running it takes."""

import json
from typing import Any

import pytest

from tests.unit.iac.lambda_runs import LOOK, ROLES, SETTINGS, STATE_BUCKET, WORKFLOWS, deployed, with_all_options
from tests.unit.iac.upstream_outputs import ACCOUNT, arn

POLICY = "aws:iam/rolePolicy:RolePolicy"
NETWORK = "ec2:CreateNetworkInterface"

BACKTESTS = arn("sqs", "tradai-backtest-queue-dev.fifo")
RETRAINING = arn("sqs", "tradai-retraining-queue-dev.fifo")
DEAD_LETTERS = arn("sqs", "tradai-backtest-dlq-dev.fifo")
ALERTS = {"sns": {arn("sns", "tradai-alerts-dev")}}
TASKS = {
    "ecs": {arn("ecs", "task-definition/strategy-dev"), arn("ecs", "task-definition/strategy-dev:*"), "*"},
    "iam": set(ROLES),
}
STARTS = {**TASKS, "ecs": TASKS["ecs"] - {"*"}}
MLFLOW_LOGIN = {"secretsmanager": {arn("secretsmanager", "secret:tradai/mlflow-credentials-dev")}}


def tables(*names: str) -> dict[str, set[str]]:
    return {"dynamodb": {arn("dynamodb", f"table/tradai-{name}-dev{more}") for name in names for more in END}}


def items(*names: str) -> dict[str, set[str]]:
    """Tables of which single items are read and written, and nothing is searched for."""
    return {"dynamodb": {arn("dynamodb", f"table/tradai-{name}-dev") for name in names}}


def buckets(*names: str) -> dict[str, set[str]]:
    return {"s3": {f"arn:aws:s3:::{name}{more}" for name in names for more in ("", "/*")}}


END = ("", "/index/*")
#: Where in the state bucket the detector reads, and meets the runner.
MEETING = ("", "/.tradai/history/*", "/.tradai/runs/*/journal/*")
#: What each may touch, by AWS service, beside its log, its traces and its place in the network.
RIGHTS: dict[str, dict[str, set[str]]] = {
    "backtest-consumer": {
        **items("workflow-state", "idempotency"),
        "sqs": {BACKTESTS, DEAD_LETTERS},
        "states": {WORKFLOWS["backtest"]},
        **STARTS,
    },
    "sqs-consumer": {
        **items("retraining-state", "idempotency"),
        "sqs": {RETRAINING, DEAD_LETTERS},
        "states": {WORKFLOWS["retraining"], f"{WORKFLOWS['retraining'].replace('stateMachine', 'execution')}:*"},
        **STARTS,
    },
    "orphan-scanner": {
        "dynamodb": {
            *tables("workflow-state", "retraining-state")["dynamodb"],
            *items("trading-state")["dynamodb"],
        },
        "states": {f"{WORKFLOWS['backtest'].replace('stateMachine', 'execution')}:*"},
        **ALERTS,
        "ecs": {"*"},
    },
    "health-check": {**items("health-state"), **ALERTS},
    "trading-heartbeat-check": {**tables("trading-state"), **ALERTS},
    "drift-monitor": {
        **items("drift-state"),
        **buckets("tradai-results-dev"),
        **MLFLOW_LOGIN,
        **ALERTS,
    },
    "retraining-scheduler": {
        **tables("retraining-state", "drift-state"),
        "sqs": {RETRAINING},
        "states": {f"{WORKFLOWS['retraining'].replace('stateMachine', 'execution')}:*"},
    },
    "validate-strategy": {**tables("config-versions"), "s3": {"arn:aws:s3:::tradai-configs-dev"}},
    "data-collection-proxy": {},
    "notify-completion": {**items("notifications"), **ALERTS},
    "check-retraining-needed": items("drift-state", "retraining-state"),
    "compare-models": {**tables("shadow-test-state"), **MLFLOW_LOGIN},
    "promote-model": {
        **items("deployments", "rollback-state", "retraining-state"),
        **MLFLOW_LOGIN,
        "sns": {arn("sns", "tradai-alerts-dev"), arn("sns", "tradai-registration-dev")},
    },
    "model-rollback": {
        **items("rollback-state", "deployments"),
        **MLFLOW_LOGIN,
        "sns": {arn("sns", "tradai-alerts-dev"), arn("sns", "tradai-registration-dev")},
    },
    "cleanup-resources": {"ecs": {"*"}},
    "update-status": items("workflow-state"),
    "pulumi-drift-detector": {
        **items("infra-drift-state"),
        "s3": {f"arn:aws:s3:::{STATE_BUCKET}{more}" for more in MEETING},
        "ecs": {arn("ecs", "task/tradai-cluster-dev/*")},
        **ALERTS,
    },
}
#: The actions that take no narrower resource than all.
ON_EVERYTHING = {
    "ec2:AssignPrivateIpAddresses",
    NETWORK,
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
#: Those that its condition binds to one cluster.
IN_THE_CLUSTER = {"ecs:DescribeTasks", "ecs:ListTasks", "ecs:StopTask"}

every_function = pytest.mark.parametrize("name", RIGHTS)


def statements(name: str, effect: str = "Allow") -> list[dict[str, Any]]:
    document = json.loads(deployed().of(POLICY)[name]["policy"])
    return [statement for statement in document["Statement"] if statement["Effect"] == effect]


def grants(name: str) -> dict[str, set[str]]:
    """Action → the resources it is allowed on."""
    granted: dict[str, set[str]] = {}
    for statement in statements(name):
        for action in statement["Action"]:
            granted.setdefault(action, set()).update(statement["Resource"])
    return granted


def test_every_function_of_section_7_is_judged_here() -> None:
    assert set(RIGHTS) == {row.name for row in SETTINGS.lambdas if not row.inline}


@every_function
def test_a_function_writes_into_its_own_log_alone(name: str) -> None:
    log = deployed().of("aws:cloudwatch/logGroup:LogGroup")[name]["name"]
    written = grants(name)["logs:PutLogEvents"]
    assert written == {f"{arn('logs', f'log-group:{log}')}{more}" for more in ("", ":*")}


@every_function
def test_a_function_has_a_role_of_its_own_that_lambda_alone_takes(name: str) -> None:
    role = deployed().of("aws:iam/role:Role")[name]
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    assert deployed().of("aws:lambda/function:Function")[name]["role"] == f"arn:aws:iam::{ACCOUNT}:role/{role['name']}"
    assert role["name"] == f"tradai-{name}-dev"


@every_function
def test_a_function_may_touch_what_its_row_needs_and_nothing_else(name: str) -> None:
    touched: dict[str, set[str]] = {}
    for action, resources in grants(name).items():
        service = action.split(":")[0]
        if service not in ("logs", "xray", "ec2"):
            touched.setdefault(service, set()).update(resources)
    assert touched == RIGHTS[name]


@every_function
def test_only_named_actions_are_allowed_on_everything(name: str) -> None:
    for statement in statements(name):
        assert not [action for action in statement["Action"] if "*" in action]
        if "*" in statement["Resource"] and not set(statement["Action"]) <= ON_EVERYTHING:
            assert set(statement["Action"]) <= IN_THE_CLUSTER
            assert statement["Condition"] == {"ArnEquals": {"ecs:cluster": arn("ecs", "cluster/tradai-cluster-dev")}}


@every_function
def test_network_interfaces_are_for_lambda_itself_and_only_in_the_vpc(name: str) -> None:
    in_vpc = SETTINGS.lambda_function(name).in_vpc
    assert (NETWORK in grants(name)) is in_vpc
    denied = statements(name, "Deny")
    assert len(denied) == int(in_vpc)
    for statement in denied:
        assert set(statement["Action"]) == {action for action in ON_EVERYTHING if action.startswith("ec2:")}
        caller = statement["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]
        assert caller == arn("lambda", f"function:tradai-{name}-dev")


def test_the_detector_may_start_the_task_that_looks_and_no_other() -> None:
    document = json.loads(with_all_options().of(POLICY)["pulumi-drift-detector"]["policy"])
    allowed = {action: one for one in document["Statement"] for action in one["Action"]}
    assert allowed["ecs:RunTask"]["Resource"] == [LOOK]
    cluster = {"ecs:cluster": arn("ecs", "cluster/tradai-cluster-dev")}
    assert allowed["ecs:RunTask"]["Condition"] == {"ArnEquals": cluster}
    assert allowed["iam:PassRole"]["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/tradai-look"]


def test_consumers_take_from_a_queue_and_put_aside_what_they_refuse() -> None:
    taking = {name: grants(name)["sqs:ReceiveMessage"] for name in RIGHTS if "sqs:ReceiveMessage" in grants(name)}
    assert taking == {"backtest-consumer": {BACKTESTS}, "sqs-consumer": {RETRAINING}}
    sending = {name: grants(name)["sqs:SendMessage"] for name in RIGHTS if "sqs:SendMessage" in grants(name)}
    assert sending == {**{name: {DEAD_LETTERS} for name in taking}, "retraining-scheduler": {RETRAINING}}
