"""What starts the functions: six schedules, two queues (002 §7), and how late a call may come."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.iac.lambda_runs import SETTINGS, declare, deployed
from tests.unit.iac.upstream_outputs import arn
from tradai_blueprints.tradai.config.overrides import ComputeConfig, Schedules
from tradai_blueprints.tradai.layers.compute.lambda_triggers import latest_seconds

RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
PERMISSION = "aws:lambda/permission:Permission"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"

#: 002 §7: function → rate, and its period in seconds.
SCHEDULES = {
    "orphan-scanner": ("rate(5 minutes)", 300),
    "health-check": ("rate(2 minutes)", 120),
    "trading-heartbeat-check": ("rate(5 minutes)", 300),
    "drift-monitor": ("rate(12 hours)", 43200),
    "retraining-scheduler": ("rate(6 hours)", 21600),
    "pulumi-drift-detector": ("rate(6 hours)", 21600),
}
QUEUES = {
    "backtest-consumer": ("tradai-backtest-queue-dev.fifo", SETTINGS.messaging.backtest_queue),
    "sqs-consumer": ("tradai-retraining-queue-dev.fifo", SETTINGS.messaging.retraining_queue),
}

every_schedule = pytest.mark.parametrize("name", SCHEDULES)
every_queue = pytest.mark.parametrize("name", QUEUES)


def one(type_: str, name: str) -> Mapping[str, Any]:
    return deployed().of(type_)[name]


def test_the_six_of_section_7_run_by_schedule_and_no_other() -> None:
    rules = deployed().of(RULE)
    assert {name: rule["scheduleExpression"] for name, rule in rules.items()} == {n: s[0] for n, s in SCHEDULES.items()}
    assert {rule["state"] for rule in rules.values()} == {"ENABLED"}
    by_rule = {name for name, one in deployed().of(PERMISSION).items() if one["principal"] == "events.amazonaws.com"}
    assert set(deployed().of(TARGET)) == by_rule == set(SCHEDULES)


@every_schedule
def test_a_rule_calls_its_function_and_may_alone(name: str) -> None:
    rule, target, permission = (one(type_, name) for type_ in (RULE, TARGET, PERMISSION))
    assert rule["name"] == target["rule"] == permission["function"] == f"tradai-{name}-dev"
    assert target["arn"] == arn("lambda", f"function:tradai-{name}-dev")
    assert (permission["action"], permission["principal"]) == ("lambda:InvokeFunction", "events.amazonaws.com")
    assert permission["sourceArn"] == arn("events", f"rule/{rule['name']}")
    assert rule["tags"]["Service"] == name


@every_schedule
def test_a_call_comes_before_the_next_one_or_not_at_all(name: str) -> None:
    retries = one(TARGET, name)["retryPolicy"]
    assert 60 <= retries["maximumEventAgeInSeconds"] < SCHEDULES[name][1]
    assert retries["maximumRetryAttempts"] > 0


@every_schedule
def test_a_function_ends_before_it_is_called_again(name: str) -> None:
    assert SETTINGS.lambda_function(name).timeout_seconds < SCHEDULES[name][1]


def test_a_configured_schedule_replaces_that_one_alone() -> None:
    config = ComputeConfig(schedules=Schedules(health_check="cron(0 6 * * ? *)"))
    rules = declare(config=config).of(RULE)
    expected = {name: schedule[0] for name, schedule in SCHEDULES.items()}
    assert {name: rule["scheduleExpression"] for name, rule in rules.items()} == {
        **expected,
        "health-check": "cron(0 6 * * ? *)",
    }


def test_each_scheduled_function_can_be_configured() -> None:
    assert {name.replace("_", "-") for name in Schedules.model_fields} == set(SCHEDULES)


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(2 minutes)", 60),
        ("rate(5 minutes)", 150),
        ("rate(6 hours)", 10800),
        ("rate(1 day)", 43200),
        ("rate(30 days)", 86400),
        ("cron(0 6 * * ? *)", 300),
    ],
)
def test_a_call_may_be_late_by_half_its_period_within_the_bounds_of_aws(expression: str, seconds: int) -> None:
    assert latest_seconds(expression) == seconds


@pytest.mark.parametrize(
    "expression", ["", "at(2026-01-01T00:00:00)", "rate(5)", "rate(five minutes)", "rate(5 weeks)"]
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="is no schedule"):
        latest_seconds(expression)


def test_two_functions_consume_a_queue() -> None:
    assert set(deployed().of(MAPPING)) == set(QUEUES)


@every_queue
def test_a_consumer_takes_from_its_own_queue_and_reports_what_failed(name: str) -> None:
    mapping = one(MAPPING, name)
    assert mapping["eventSourceArn"] == arn("sqs", QUEUES[name][0])
    assert mapping["functionName"] == arn("lambda", f"function:tradai-{name}-dev")
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["enabled"] is True
    assert mapping["tags"]["Service"] == name


@every_queue
def test_a_mapping_keeps_to_what_aws_takes_for_fifo(name: str) -> None:
    mapping = one(MAPPING, name)
    assert 1 <= mapping["batchSize"] <= 10
    assert 2 <= mapping["scalingConfig"]["maximumConcurrency"] <= 1000
    assert "maximumBatchingWindowInSeconds" not in mapping


@every_queue
def test_a_message_stays_invisible_for_six_times_its_consumers_timeout(name: str) -> None:
    consumer, queue = SETTINGS.lambda_function(name), QUEUES[name][1]
    assert queue.visibility_timeout_seconds >= 6 * consumer.timeout_seconds
