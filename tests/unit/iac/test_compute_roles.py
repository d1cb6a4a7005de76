"""The roles of tasks and of CI: who may take them, and what each may touch."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.unit.iac.compute_runs import configured, deployed, statements
from tests.unit.iac.upstream_outputs import arn, compute_inputs
from tradai_blueprints.tradai.config import settings_for

SERVICES = [service.name for service in settings_for("dev").services]
BACKEND_TABLES = {
    "workflow-state", "idempotency", "health-state", "trading-state", "deployments", "drift-state",
    "retraining-state", "rollback-state", "shadow-test-state", "notifications", "config-versions",
}  # fmt: skip

#: Service → (tables, buckets, secrets, queues, topics) that its tasks may touch, and nothing else.
RIGHTS: Mapping[str, tuple[set[str], set[str], set[str], set[str], set[str]]] = {
    "backend-api": (
        BACKEND_TABLES,
        {"configs", "results"},
        {"jwt-secret", "mlflow-credentials"},
        {"backtest-queue"},
        {"alerts", "registration"},
    ),
    "data-collection": (set(), {"arcticdb", "configs"}, {"binance-api"}, set(), {"alerts"}),
    "mlflow": (set(), {"mlflow"}, {"database-url", "mlflow-credentials", "rds!db-1"}, set(), set()),
    "strategy-service": (
        {"deployments", "config-versions", "shadow-test-state"},
        {"configs", "results"},
        {"mlflow-credentials"},
        set(),
        {"registration"},
    ),
    "strategy-container": (
        {"workflow-state"},
        {"configs", "results", "arcticdb"},
        {"mlflow-credentials"},
        set(),
        set(),
    ),
    "live-trading": (
        {"trading-state", "deployments", "config-versions"},
        {"configs", "results", "arcticdb"},
        {"binance-api", "mlflow-credentials"},
        set(),
        {"alerts"},
    ),
    "dry-run-trading": (
        {"trading-state", "deployments", "config-versions", "shadow-test-state"},
        {"configs", "results", "arcticdb"},
        {"mlflow-credentials"},
        set(),
        {"alerts"},
    ),
}


def touched(service: str, prefix: str) -> set[str]:
    """What of one AWS service a task may touch."""
    return {
        resource
        for statement in statements(deployed("dev"), f"{service}-task")
        if any(action.startswith(prefix) for action in statement["Action"])
        for resource in statement["Resource"]
    }


def each(names: Iterable[str], *spelled: str) -> set[str]:
    return {one.format(name) for name in names for one in spelled}


def actions(stated: list[dict[str, Any]]) -> set[str]:
    return {action for statement in stated for action in statement["Action"]}


@pytest.mark.parametrize("service", SERVICES)
def test_a_task_touches_exactly_what_its_service_needs(service: str) -> None:
    tables, buckets, secrets, queues, topics = RIGHTS[service]
    table = arn("dynamodb", "table/tradai-{}-dev")
    bucket = "arn:aws:s3:::tradai-{}-dev"
    assert touched(service, "dynamodb:") == each(tables, table, f"{table}/index/*")
    assert touched(service, "s3:") == each(buckets, bucket, f"{bucket}/*")
    own = {name for name in secrets if not name.startswith("rds!")}
    assert touched(service, "secretsmanager:") == (
        each(own, arn("secretsmanager", "secret:tradai/{}-dev"))
        | each(secrets - own, arn("secretsmanager", "secret:{}"))
    )
    assert touched(service, "sqs:") == each(queues, arn("sqs", "tradai-{}-dev.fifo"))
    assert touched(service, "sns:") == each(topics, arn("sns", "tradai-{}-dev"))


def test_only_the_backend_starts_tasks_functions_and_workflows() -> None:
    starts = {"ecs:RunTask", "iam:PassRole", "lambda:InvokeFunction", "states:StartExecution"}
    may = {service: starts & actions(statements(deployed("dev"), f"{service}-task")) for service in SERVICES}
    assert {service for service, found in may.items() if found} == {"backend-api"}
    assert may["backend-api"] == starts


def test_the_backend_runs_strategy_tasks_of_its_cluster_and_hands_on_their_roles_alone() -> None:
    made = deployed("dev")
    stated = {tuple(s["Action"]): s for s in statements(made, "backend-api-task")}
    family = arn("ecs", "task-definition/tradai-strategy-container-dev")
    run = stated[("ecs:RunTask",)]
    assert run["Resource"] == [family, f"{family}:*"]
    assert run["Condition"] == {"ArnEquals": {"ecs:cluster": made.outputs["ecs_cluster_arn"]}}
    assert stated[("iam:PassRole",)]["Resource"] == [
        made.outputs["ecs_execution_role_arn"],
        made.outputs["ecs_task_role_arn"],
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_is_its_services_own_and_for_ecs_tasks_alone(service: str) -> None:
    role = deployed("dev").of("aws:iam/role:Role")[f"{service}-task"]
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": ["ecs-tasks.amazonaws.com"]}
    assert role["name"] == f"tradai-{service}-task-dev"
    assert role["tags"]["Service"] == service


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_go_to_the_platforms_namespace_alone(service: str) -> None:
    (metrics,) = [
        s for s in statements(deployed("dev"), f"{service}-task") if "cloudwatch:PutMetricData" in s["Action"]
    ]
    assert metrics["Condition"] == {"StringEquals": {"cloudwatch:namespace": "tradai"}}


def test_the_execution_role_pulls_what_tasks_run_strategies_included_and_no_functions() -> None:
    (pull,) = [s for s in statements(deployed("dev"), "ecs-execution") if "ecr:BatchGetImage" in s["Action"]]
    images = {*settings_for("dev").images.services, "pascal-strategy"}
    assert set(pull["Resource"]) == each(images, arn("ecr", "repository/tradai/{}-dev"))


def test_the_execution_role_writes_the_logs_of_tasks_and_reads_no_secret() -> None:
    stated = statements(deployed("dev"), "ecs-execution")
    (logs,) = [s for s in stated if "logs:PutLogEvents" in s["Action"]]
    group = arn("logs", "log-group:tradai-{}-dev")
    assert set(logs["Resource"]) == each(SERVICES, group, f"{group}:*")
    assert not [action for action in actions(stated) if action.startswith("secretsmanager:")]


def test_a_policy_reads_the_same_in_whatever_order_upstream_lists_things() -> None:
    given = compute_inputs().persistent.ecr_repository_arns
    assert isinstance(given, dict)
    turned = configured("dev", {}, ecr_repository_arns=dict(reversed(given.items())))
    for role in ("ecs-execution", "cli-ci"):
        assert statements(turned, role) == statements(deployed("dev"), role)


CI = "arn:aws:iam::123456789012:role/github-actions"


@pytest.mark.parametrize(
    ("config", "trusted"),
    [({}, ["arn:aws:iam::123456789012:root"]), ({"ciPrincipals": [CI]}, [CI])],
    ids=["whoever the account lets", "those that are named"],
)
def test_the_ci_role_is_taken_by_those_that_are_named_else_by_whom_the_account_lets(
    config: dict[str, Any], trusted: list[str]
) -> None:
    role = configured("dev", config).of("aws:iam/role:Role")["cli-ci"]
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"AWS": trusted}
    assert role["name"] == "tradai-cli-ci-dev"


def ci(action: str) -> set[str]:
    """On what CI may do that."""
    found = [s["Resource"] for s in statements(deployed("dev"), "cli-ci") if action in s["Action"]]
    return {resource for resources in found for resource in resources}


def test_ci_ships_images_to_this_environments_repositories_and_code_to_its_functions() -> None:
    images = {*settings_for("dev").images.fixed, "pascal-strategy"}
    assert ci("ecr:PutImage") == each(images, arn("ecr", "repository/tradai/{}-dev"))
    functions = {function.name for function in settings_for("dev").lambdas if not function.inline}
    assert ci("lambda:UpdateFunctionCode") == each(functions, arn("lambda", "function:tradai-{}-dev"))


@pytest.mark.parametrize(
    ("action", "resources"),
    [
        ("ecs:DescribeServices", {arn("ecs", "service/tradai-cluster-dev/*"), arn("ecs", "task/tradai-cluster-dev/*")}),
        ("states:DescribeExecution", {arn("states", "execution:tradai-backtest-workflow-dev:*")}),
        ("s3:PutObject", {"arn:aws:s3:::tradai-configs-dev", "arn:aws:s3:::tradai-configs-dev/*"}),
        ("codeartifact:GetAuthorizationToken", {arn("codeartifact", "domain/tradai-packages-dev")}),
        ("codeartifact:ReadFromRepository", {arn("codeartifact", "repository/tradai-packages-dev/tradai-python-dev")}),
        (
            "codeartifact:PublishPackageVersion",
            {arn("codeartifact", "package/tradai-packages-dev/tradai-python-dev/*")},
        ),
    ],
)
def test_ci_works_on_what_is_this_environments(action: str, resources: set[str]) -> None:
    assert ci(action) == resources


def test_ci_starts_the_backtest_workflow_alone() -> None:
    assert ci("states:StartExecution") == {deployed("dev").outputs["backtest_workflow_arn"]}


def test_what_ci_may_do_on_everything_knows_no_resource_and_is_otherwise_bound() -> None:
    wide = {
        action: statement.get("Condition")
        for statement in statements(deployed("dev"), "cli-ci")
        if "*" in statement["Resource"]
        for action in statement["Action"]
    }
    assert {action for action, condition in wide.items() if condition is None} == {
        "ecr:GetAuthorizationToken",
        "ecs:DescribeTaskDefinition",
    }
    assert set(wide) == {
        "ecr:GetAuthorizationToken",
        "ecs:DescribeTaskDefinition",
        "ecs:ListServices",
        "ecs:ListTasks",
        "sts:GetServiceBearerToken",
    }


def test_the_policies_fit_into_a_role_with_many_strategies() -> None:
    """IAM takes 10240 characters of inline policies a role, white space apart."""
    names = [*settings_for("dev").images.fixed, *(f"strategy-of-some-length-{number}" for number in range(40))]
    arns = {name: arn("ecr", f"repository/tradai/{name}-staging") for name in names}
    made = configured("staging", {}, ecr_repository_arns=arns)
    for role, inputs in made.of("aws:iam/rolePolicy:RolePolicy").items():
        assert len("".join(inputs["policy"].split())) <= 10240, role
