"""The alarms of the edge stack: what each of them watches, and whom it tells."""

import pytest

from tests.unit.iac.edge_runs import deployed, run
from tests.unit.iac.pulumi_mocks import Run
from tests.unit.iac.upstream_outputs import arn
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.overrides import Alarms, EdgeConfig

METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm"


@pytest.fixture(scope="module")
def dev() -> Run:
    return deployed("dev")


@pytest.mark.parametrize(
    ("alarm", "metric", "dimensions", "threshold", "comparison"),
    [
        ("api-latency", "Latency", {"ApiId": "api-id"}, 5000, "GreaterThanThreshold"),
        ("rds-cpu", "CPUUtilization", {"DBInstanceIdentifier": "tradai-mlflow-dev"}, 80, "GreaterThanThreshold"),
        ("rds-storage", "FreeStorageSpace", {"DBInstanceIdentifier": "tradai-mlflow-dev"}, 5 * 2**30, "LessThan"),
        (
            "dlq-depth",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": "tradai-backtest-dlq-dev.fifo"},
            1,
            "Greater",
        ),
        ("stale-heartbeat", "StaleHeartbeats", {"Environment": "dev"}, 1, "GreaterThanOrEqualToThreshold"),
        ("live-strategies", "LiveStrategies", {"Environment": "dev"}, 1, "LessThanThreshold"),
    ],
)
def test_each_part_of_the_platforms_health_has_an_alarm_that_pages_nobody_itself(
    dev: Run, alarm: str, metric: str, dimensions: dict[str, str], threshold: float, comparison: str
) -> None:
    made = dev.of(METRIC)[alarm]
    assert (made["metricName"], made["dimensions"], made["threshold"]) == (metric, dimensions, threshold)
    assert made["comparisonOperator"].startswith(comparison)
    assert "alarmActions" not in made


def test_the_composite_alarm_covers_every_part_and_tells_the_alerts_topic(dev: Run) -> None:
    composite = dev.one("aws:cloudwatch/compositeAlarm:CompositeAlarm")
    rows = settings_for("dev").monitoring.alarms
    assert composite["alarmRule"].split(" OR ") == [f'ALARM("tradai-{row.name}-dev")' for row in rows]
    assert composite["alarmActions"] == [arn("sns", "tradai-alerts-dev")]


def test_every_function_of_compute_has_an_alarm_on_its_errors(dev: Run) -> None:
    errors = {name: made for name, made in dev.of(METRIC).items() if made.get("metricName") == "Errors"}
    assert len(errors) == 17
    assert errors["health-check-errors"]["dimensions"] == {"FunctionName": "tradai-health-check-dev"}
    assert all(made["alarmActions"] == [arn("sns", "tradai-alerts-dev")] for made in errors.values())
    assert len(dev.outputs["lambda_error_alarm_arns"]) == 17


@pytest.mark.parametrize("workflow", ["backtest", "retraining"])
def test_a_workflow_that_fails_times_out_or_is_aborted_raises_an_alarm(dev: Run, workflow: str) -> None:
    alarm = dev.of(METRIC)[f"{workflow}-failures"]
    counted = {q["metric"]["metricName"]: q["metric"] for q in alarm["metricQueries"] if "metric" in q}
    assert set(counted) == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    machine = arn("states", f"stateMachine:tradai-{workflow}-workflow-dev")
    assert {q["dimensions"]["StateMachineArn"] for q in counted.values()} == {machine}
    assert alarm["alarmActions"] == [arn("sns", "tradai-alerts-dev")]


def test_thresholds_are_those_that_people_set() -> None:
    config = EdgeConfig(alarms=Alarms(latency_threshold=900, min_strategies=3, rds_free_storage_gb=2))
    alarms = run(config=config).of(METRIC)
    assert alarms["api-latency"]["threshold"] == 900
    assert alarms["live-strategies"]["threshold"] == 3
    assert alarms["rds-storage"]["threshold"] == 2 * 2**30
