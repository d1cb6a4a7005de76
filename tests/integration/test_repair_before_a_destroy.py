"""kill -9 while something is made that nothing takes along when it goes, and a destroy next: nothing of it is left."""

from pathlib import Path

import pytest

from tests.integration.conftest import RunningSandbox
from tests.integration.interrupted import SLOWED, Stack, until

RULE, ALARM = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/metricAlarm:MetricAlarm"
ENVIRONMENT = "eph-alone"


@pytest.fixture
def stack(sandbox: RunningSandbox, tmp_path: Path) -> Stack:
    return Stack(sandbox, ENVIRONMENT, tmp_path)


def killed_at(stack: Stack, type_: str) -> None:
    """An engine that dies once AWS has one of these, and its state does not."""
    stack.slow(SLOWED)
    run = stack.begin()
    try:
        assert run.wait_for_half_of({type_}) == type_, run.end()
        (engine,) = run.kill_engine()
        run.kill_runner()
    finally:
        stack.slow("0ms")
    until(lambda: not engine.is_running() or engine.status() == "zombie", "it lives on")
    assert type_ in stack.pending()


def rules(stack: Stack) -> list[str]:
    found = stack.aws("events").list_rules()["Rules"]
    return [rule["Name"] for rule in found if ENVIRONMENT in rule["Name"]]


@pytest.mark.timeout(900)
def test_a_rule_that_only_aws_knows_goes_with_the_destroy(stack: Stack) -> None:
    killed_at(stack, RULE)
    assert rules(stack), "AWS has it"
    destroyed = stack.run("destroy")
    assert destroyed.outcome == "succeeded", destroyed.failure
    assert [repair.urn for repair in destroyed.repairs if RULE in repair.urn]
    assert rules(stack) == []
