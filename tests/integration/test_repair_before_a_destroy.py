"""kill -9 while something is made that nothing takes along when it goes, and a destroy next: nothing of it is left."""

from pathlib import Path

import pytest

from tests.integration.conftest import RunningSandbox
from tests.integration.interrupted import Begun, Stack, killed

RULE = "aws:cloudwatch/eventRule:EventRule"
ENVIRONMENT = "eph-alone"


@pytest.fixture
def stack(sandbox: RunningSandbox, tmp_path: Path) -> Stack:
    return Stack(sandbox, ENVIRONMENT, tmp_path)


def rules(stack: Stack) -> list[str]:
    found = stack.aws("events").list_rules()["Rules"]
    return [rule["Name"] for rule in found if ENVIRONMENT in rule["Name"]]


@pytest.mark.timeout(900)
def test_a_rule_that_only_aws_knows_goes_with_the_destroy(stack: Stack) -> None:
    killed(stack, {RULE}, Begun.kill_both)
    assert RULE in stack.pending()
    assert rules(stack), "AWS has it"
    destroyed = stack.run("destroy")
    assert destroyed.outcome == "succeeded", destroyed.failure
    assert [repair.urn for repair in destroyed.repairs if RULE in repair.urn]
    assert rules(stack) == []
