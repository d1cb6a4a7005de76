"""The task definitions against 002 §2.2, §2.4 and §2.5."""

from typing import Any

import pytest

from tests.unit.iac.compute_runs import DEFINITION, ENVIRONMENTS, configured, container, deployed, variables
from tests.unit.iac.pulumi_mocks import DIGEST
from tradai_blueprints.tradai.config import settings_for

#: Service, CPU and memory (002 §2.2), image (001 §3).
TASKS = [
    ("backend-api", "512", "1024", "backend"),
    ("data-collection", "256", "512", "data-collection"),
    ("mlflow", "512", "1024", "mlflow"),
    ("strategy-service", "512", "1024", "strategy-service"),
    ("strategy-container", "1024", "2048", "dry-run-trading"),
    ("live-trading", "1024", "2048", "live-trading"),
    ("dry-run-trading", "1024", "2048", "dry-run-trading"),
]
STRATEGIES = {"strategy-container": "backtest", "live-trading": "live", "dry-run-trading": "dry-run"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(("service", "cpu", "memory", "image"), TASKS, ids=[row[0] for row in TASKS])
def test_every_service_has_a_definition_of_its_size_in_every_environment(
    environment: str, service: str, cpu: str, memory: str, image: str
) -> None:
    made = deployed(environment)
    definition = made.of(DEFINITION)[service]
    assert (definition["cpu"], definition["memory"]) == (cpu, memory)
    assert definition["family"] == f"tradai-{service}-{environment}"
    assert definition["networkMode"] == "awsvpc"
    assert definition["requiresCompatibilities"] == ["FARGATE"]
    assert definition["runtimePlatform"] == {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}
    assert definition["tags"]["Service"] == service
    assert container(made, service)["image"].endswith(f"/tradai/{image}-dev@{DIGEST}")
    assert container(made, service)["name"] == service


@pytest.mark.parametrize("service", [row[0] for row in TASKS])
def test_a_task_is_started_by_one_role_acts_as_its_own_and_logs_to_its_own_group(service: str) -> None:
    made = deployed("dev")
    definition = made.of(DEFINITION)[service]
    assert definition["executionRoleArn"] == made.outputs["ecs_execution_role_arn"]
    assert definition["taskRoleArn"] == made.outputs["ecs_task_role_arns"][service]
    assert container(made, service)["logConfiguration"] == {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": f"tradai-{service}-dev",
            "awslogs-region": "eu-central-1",
            "awslogs-stream-prefix": service,
        },
    }


def test_containers_listen_where_section_2_says() -> None:
    ports = {row[0]: container(deployed("dev"), row[0])["portMappings"] for row in TASKS}
    assert {name: [(p["containerPort"], p["protocol"]) for p in mapped] for name, mapped in ports.items()} == {
        "backend-api": [(8000, "tcp")],
        "data-collection": [(8002, "tcp")],
        "mlflow": [(5000, "tcp")],
        "strategy-service": [(8003, "tcp")],
        "strategy-container": [],
        "live-trading": [(8004, "tcp")],
        "dry-run-trading": [(8005, "tcp")],
    }


def test_a_service_behind_the_load_balancer_is_checked_on_its_own_path() -> None:
    checks = {row[0]: container(deployed("prod"), row[0]).get("healthCheck") for row in TASKS}
    asked = {name: check["command"][-1] for name, check in checks.items() if check}
    assert list(asked) == ["backend-api", "data-collection", "mlflow", "strategy-service"]
    assert "http://127.0.0.1:8002/api/v1/health" in asked["data-collection"]
    assert "http://127.0.0.1:5000/mlflow/" in asked["mlflow"]
    for code in asked.values():
        compile(code, "check", "exec")


def test_a_strategy_has_time_to_close_what_it_has_open() -> None:
    stop = {row[0]: container(deployed("prod"), row[0]).get("stopTimeout") for row in TASKS}
    assert {name for name, seconds in stop.items() if seconds} == set(STRATEGIES)
    assert set(stop.values()) == {None, 120}


@pytest.mark.parametrize(("service", "mode"), STRATEGIES.items())
def test_a_strategy_container_has_what_section_2_5_lists(service: str, mode: str) -> None:
    given = variables(deployed("dev"), service)
    assert (
        given.items()
        >= {
            "TRADING_MODE": mode,
            "MLFLOW_TRACKING_URI": "http://mlflow.tradai-dev.local:5000/mlflow",
            "CONFIG_PATH": "/freqtrade/user_data/config.json",
            "S3_RESULTS_BUCKET": "tradai-results-dev",
            "ARCTICDB_S3_URI": "s3://tradai-arcticdb-dev",
            "RESULTS_DIR": "/freqtrade/user_data/backtest_results",
            "EXPERIMENT_NAME": "default",
        }.items()
    )
    assert not given.keys() & {"JOB_ID", "STRATEGY", "STRATEGY_ID", "TIMEFRAME", "TIMERANGE", "PAIRS"}


def test_only_backtests_know_the_table_that_section_2_5_calls_dynamodb_table() -> None:
    tables = {service: variables(deployed("dev"), service).get("DYNAMODB_TABLE") for service in STRATEGIES}
    assert tables == {"strategy-container": "tradai-workflow-state-dev", "live-trading": None, "dry-run-trading": None}


@pytest.mark.parametrize(("config", "mode"), [({}, "sqs"), ({"launchMode": "stepfunctions"}, "stepfunctions")])
def test_the_backend_alone_is_told_how_backtests_are_executed(config: dict[str, Any], mode: str) -> None:
    made = configured("prod", config)
    modes = {row[0]: variables(made, row[0]).get("BACKEND_EXECUTOR_MODE") for row in TASKS}
    assert {name: told for name, told in modes.items() if told} == {"backend-api": mode}


def test_the_backend_starts_strategies_by_their_family() -> None:
    given = variables(deployed("dev"), "backend-api")
    assert given["ECS_TASK_DEFINITION"].endswith(":task-definition/tradai-strategy-container-dev")
    assert given["ECS_TASK_PREFIX"] == "strategy-"
    assert "strategy-container".startswith(given["ECS_TASK_PREFIX"])
    assert given["ECS_SUBNETS"] == "subnet-private-1,subnet-private-2"


def test_no_variable_holds_the_value_of_a_secret() -> None:
    secrets = [secret.name.upper().replace("-", "_") for secret in settings_for("dev").secrets.secrets]
    for service, *_ in TASKS:
        named = {name: value for name, value in variables(deployed("dev"), service).items() if "SECRET" in name}
        assert all(value.startswith("arn:aws:secretsmanager:") for value in named.values())
        assert not named.keys() & set(secrets)
        assert "secrets" not in container(deployed("dev"), service)
