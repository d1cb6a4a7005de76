"""The seventeen container-image functions (002 §7): size, place, image, variables."""

from collections.abc import Mapping
from typing import Any

import pytest
from pulumi.runtime import mocks
from pydantic import ValidationError

from tests.unit.iac.lambda_runs import SETTINGS, WORKFLOWS, declare, deployed
from tests.unit.iac.pulumi_mocks import DIGEST, Run
from tests.unit.iac.upstream_outputs import arn
from tradai_blueprints.tradai.config.lambdas import LambdaFunction
from tradai_blueprints.tradai.config.needs import NOTHING, Needs
from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.layers.compute.lambda_funcs import in_two

FUNCTION = "aws:lambda/function:Function"
POLICY = "aws:iam/rolePolicy:RolePolicy"

#: 002 §7: memory in MB, timeout in seconds, VPC.
SECTION_7 = {
    "backtest-consumer": (256, 30, True),
    "sqs-consumer": (256, 30, True),
    "orphan-scanner": (128, 60, True),
    "health-check": (256, 60, True),
    "trading-heartbeat-check": (256, 60, True),
    "drift-monitor": (512, 120, True),
    "retraining-scheduler": (256, 60, True),
    "validate-strategy": (256, 30, True),
    "data-collection-proxy": (256, 180, True),
    "notify-completion": (128, 30, False),
    "check-retraining-needed": (256, 30, True),
    "compare-models": (512, 120, True),
    "promote-model": (256, 60, True),
    "model-rollback": (256, 60, True),
    "cleanup-resources": (256, 60, True),
    "update-status": (256, 30, True),
    "pulumi-drift-detector": (512, 300, False),
}

every_function = pytest.mark.parametrize("name", SECTION_7)


def function(name: str, made: Run | None = None) -> Mapping[str, Any]:
    return (made or deployed()).of(FUNCTION)[name]


def variables(name: str, made: Run | None = None) -> Mapping[str, str]:
    found: Mapping[str, str] = function(name, made)["environment"]["variables"]
    return found


def test_there_are_the_seventeen_of_section_7_and_each_is_exported() -> None:
    assert set(deployed().of(FUNCTION)) == set(SECTION_7) == set(deployed().outputs["arns"])


@every_function
def test_a_function_has_the_size_and_place_of_section_7(name: str) -> None:
    made, place = function(name), function(name).get("vpcConfig")
    assert (made["memorySize"], made["timeout"], place is not None) == SECTION_7[name]
    assert place in (
        None,
        {"subnetIds": ["subnet-private-1", "subnet-private-2"], "securityGroupIds": ["sg-lambda"]},
    )


@every_function
def test_a_function_runs_its_own_image_by_digest_and_says_no_runtime(name: str) -> None:
    made = function(name)
    assert made["packageType"] == "Image"
    assert made["imageUri"] == f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/tradai/{name}-dev@{DIGEST}"
    assert made["architectures"] == ["x86_64"]
    assert not {"runtime", "handler", "code"} & set(made)


def test_another_digest_changes_that_function_alone() -> None:
    pushed = "sha256:" + "1" * 64
    images = {**dict.fromkeys(SECTION_7, DIGEST), "health-check": pushed}
    ran = {name: made["imageUri"].split("@")[1] for name, made in declare(images=images).of(FUNCTION).items()}
    assert ran == images


def test_a_missing_image_is_named() -> None:
    images = {name: DIGEST for name in SECTION_7 if name != "health-check"}
    with pytest.raises(Exception, match="no image of health-check: push one"):
        declare(images=images)


@every_function
def test_a_function_is_traced_and_has_a_log_of_its_own(name: str) -> None:
    made, log = function(name), deployed().of("aws:cloudwatch/logGroup:LogGroup")[name]
    assert made["tracingConfig"] == {"mode": "Active"}
    assert made["loggingConfig"]["logGroup"] == log["name"] == f"tradai-{name}-dev"


@pytest.mark.parametrize(("environment", "days"), [("dev", 30), ("staging", 30), ("prod", 90)])
def test_logs_are_kept_as_long_as_the_environment_says(environment: str, days: int) -> None:
    logs = deployed(environment).of("aws:cloudwatch/logGroup:LogGroup").values()
    assert {log["retentionInDays"] for log in logs} == {days}


@every_function
def test_a_function_is_called_and_tagged_as_its_row(name: str) -> None:
    made = function(name, deployed("prod"))
    assert made["name"] == f"tradai-{name}-prod"
    assert made["tags"]["Service"] == name
    assert made["description"] == SETTINGS.lambda_function(name).purpose


def test_a_function_is_made_only_once_its_role_may_do_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: dict[str, set[str]] = {}

    class Watching(mocks.MockMonitor):
        def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name of the remote procedure
            if request.type == FUNCTION:
                waits[request.name] = {urn.rpartition("$")[2] for urn in request.dependencies}
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    monkeypatch.setattr("tradai_iac.testing.Monitor", Watching)
    declare()
    assert {name for name, awaited in waits.items() if f"{POLICY}::{name}" in awaited} == set(SECTION_7)


@every_function
def test_only_consumers_are_told_a_launch_mode(name: str) -> None:
    wanted = "ecs" if name in ("backtest-consumer", "sqs-consumer") else None
    assert variables(name).get("LAUNCH_MODE") == wanted


def test_the_launch_mode_is_the_configured_one() -> None:
    made = declare(config=ComputeConfig(launch_mode="stepfunctions"))
    assert variables("backtest-consumer", made)["LAUNCH_MODE"] == "stepfunctions"


def test_the_backtest_consumer_is_told_what_section_2_4_lists() -> None:
    told = variables("backtest-consumer")
    assert told["ENVIRONMENT"] == "dev"
    assert told["ECS_CLUSTER"] == arn("ecs", "cluster/tradai-cluster-dev")
    assert told["ECS_TASK_PREFIX"] == "strategy-"
    assert told["STEP_FUNCTIONS_ARN"] == WORKFLOWS["backtest"]
    assert told["WORKFLOW_STATE_TABLE"] == "tradai-workflow-state-dev"


def test_only_those_that_know_a_workflow_wait_for_one() -> None:
    first, deferred = in_two(SETTINGS.lambdas)
    assert {row.name for row in deferred} == {
        "backtest-consumer",
        "sqs-consumer",
        "orphan-scanner",
        "retraining-scheduler",
    }
    assert {row.name for row in first} == set(SECTION_7) - {row.name for row in deferred}


@pytest.mark.parametrize("name", ["health-check", "trading-heartbeat-check"])
def test_a_watcher_is_told_which_services_are_meant_to_run(name: str) -> None:
    standing = {service.name for service in SETTINGS.services if service.standing}
    assert set(variables(name)["STANDING_SERVICES"].split(",")) == standing


def test_the_topic_registration_has_one_reader_that_it_alone_may_start() -> None:
    made = deployed()
    topic = arn("sns", "tradai-registration-dev")
    (subscription,) = made.of("aws:sns/topicSubscription:TopicSubscription").values()
    function = arn("lambda", "function:tradai-trading-heartbeat-check-dev")
    assert (subscription["topic"], subscription["protocol"], subscription["endpoint"]) == (topic, "lambda", function)
    permission = made.of("aws:lambda/permission:Permission")["trading-heartbeat-check-registration"]
    assert (permission["principal"], permission["sourceArn"]) == ("sns.amazonaws.com", topic)


def test_orphan_scanner_is_told_which_executions_it_may_look_at() -> None:
    told = variables("orphan-scanner")
    assert told["BACKTEST_WORKFLOW_ARN"] == WORKFLOWS["backtest"]


def test_a_function_is_not_made_before_its_workflow() -> None:
    with pytest.raises(Exception, match="backtest"):
        declare(workflows={})


@pytest.mark.parametrize("needs", [Needs(services=("mlflow",)), Needs(database=True)])
def test_a_function_outside_the_vpc_that_calls_into_it_is_refused(needs: Needs) -> None:
    with pytest.raises(ValidationError, match="answer in the VPC alone"):
        row(in_vpc=False, needs=needs)


@pytest.mark.parametrize(
    "changed",
    [
        {"trigger": "schedule"},
        {"schedule": "rate(5 minutes)"},
        {"trigger": "sqs"},
        {"needs": Needs(consumes=("backtest",))},
    ],
)
def test_a_trigger_without_its_source_or_the_reverse_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="go together"):
        row(**changed)


def row(**changed: Any) -> LambdaFunction:
    fields = {"trigger": "step-functions", "in_vpc": True, "needs": NOTHING, **changed}
    return LambdaFunction(name="one", memory_mb=128, timeout_seconds=30, **fields)
