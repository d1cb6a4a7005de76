"""Which rules of EventBridge hear of an event in the sandbox's endpoint."""

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tradai_sandbox.moto_ext.gaps import events

ACCOUNT, REGION = "123456789012", "eu-central-1"
LAUNCH = {"source": "aws.autoscaling", "detail-type": "EC2 Instance-launch Lifecycle Action", "detail": {}}
PATTERN = json.dumps({"source": ["aws.autoscaling"]})


@pytest.mark.parametrize(
    ("rule", "hears"),
    [
        ({"EventPattern": PATTERN}, True),
        ({"EventPattern": PATTERN, "State": "DISABLED"}, False),
        ({"EventPattern": json.dumps({"source": ["aws.ec2"]})}, False),
        ({"ScheduleExpression": "rate(5 minutes)"}, False),
        ({"ScheduleExpression": "rate(5 minutes)", "EventPattern": PATTERN}, True),
    ],
    ids=[
        "a pattern that fits",
        "a rule that is off",
        "another pattern",
        "a schedule alone",
        "a schedule and a pattern",
    ],
)
def test_a_rule_hears_of_what_its_pattern_names_and_a_schedule_names_nothing(rule: dict[str, Any], hears: bool) -> None:
    with mock_aws():
        client = boto3.client(
            "events", region_name=REGION, aws_access_key_id="sandbox", aws_secret_access_key="sandbox"
        )
        client.put_rule(Name="rule", **rule)
        client.put_targets(Rule="rule", Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"}])
        assert [found.name for found in events.matching(ACCOUNT, REGION, LAUNCH)] == (["rule"] if hears else [])
