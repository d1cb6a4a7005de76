"""For each kind that guards, watches or tells of an environment: make it by hand, then spoil one value."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.documents.cases_compute_edge import load_balancer
from tests.unit.documents.cases_foundation import queues
from tests.unit.documents.handmade import ENV, PAIRS, TAGS, client, network, role

CLI = f"tradai-cli-ci-{ENV}"
ALERTS = f"arn:aws:sns:eu-central-1:123456789012:tradai-alerts-{ENV}"
RDS_CPU = f"tradai-rds-cpu-{ENV}"
LATENCY = f"tradai-api-latency-{ENV}"
MANAGED = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet")
STATES = f"tradai-pulumi-state-{ENV}"
BUCKETS = ("configs", "results", "arcticdb", "logs", "mlflow")
SEEN = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "one"}


def cli_role() -> None:
    role(CLI, "ec2.amazonaws.com", ["ecr:PutImage", "lambda:UpdateFunctionCode"])
    client("iam").tag_role(RoleName=CLI, Tags=PAIRS)


def powerless_cli() -> None:
    client("iam").delete_role_policy(RoleName=CLI, PolicyName="own")


def web_acl() -> None:
    load_balancer()
    made = client("wafv2").create_web_acl(
        Name=f"tradai-waf-{ENV}",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=SEEN,
        Rules=_rules(100),
        Tags=PAIRS,
    )["Summary"]
    balancer = client("elbv2").describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    client("wafv2").associate_web_acl(WebACLArn=made["ARN"], ResourceArn=balancer)


def _rules(limit: int) -> list[dict[str, Any]]:
    rate = {"RateBasedStatement": {"Limit": limit, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}}
    first = {"Name": "RateLimitRule", "Priority": 1, "Statement": rate, "Action": {"Block": {}}}
    groups = [
        {
            "Name": name,
            "Priority": priority,
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
            "OverrideAction": {"None": {}},
        }
        for priority, name in enumerate(MANAGED, start=2)
    ]
    return [{**rule, "VisibilityConfig": SEEN} for rule in [first, *groups]]


def generous_acl() -> None:
    waf = client("wafv2")
    acl = waf.list_web_acls(Scope="REGIONAL")["WebACLs"][0]
    waf.update_web_acl(
        Name=acl["Name"],
        Id=acl["Id"],
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=SEEN,
        Rules=_rules(2000),
        LockToken=acl["LockToken"],
    )


def alarms() -> None:
    _alarm(RDS_CPU, "AWS/RDS", "CPUUtilization", 80)
    _alarm(LATENCY, "AWS/ApiGateway", "Latency", 5000)


def patient_alarm() -> None:
    _alarm(LATENCY, "AWS/ApiGateway", "Latency", 9000)


def _alarm(name: str, namespace: str, metric: str, threshold: float, dimension: str = "one") -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": "FunctionName", "Value": dimension}],
        Statistic="Average",
        Period=300,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[ALERTS],
    )


def error_alarms() -> None:
    for number in range(17):
        _alarm(f"tradai-function-{number}-errors-{ENV}", "AWS/Lambda", "Errors", 1, f"function-{number}")
    for workflow in ("backtest", "retraining"):
        failed = {"Namespace": "AWS/States", "MetricName": "ExecutionsFailed", "Dimensions": []}
        client("cloudwatch").put_metric_alarm(
            AlarmName=f"tradai-{workflow}-failures-{ENV}",
            Metrics=[{"Id": "failed", "MetricStat": {"Metric": failed, "Period": 300, "Stat": "Sum"}}],
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[ALERTS],
        )


def one_alarm_less() -> None:
    client("cloudwatch").delete_alarms(AlarmNames=[f"tradai-function-0-errors-{ENV}"])


class Composite:
    """A CloudWatch with one composite alarm, which moto has none of."""

    def __init__(self, *parts: str) -> None:
        self._rule = " OR ".join(f'ALARM("tradai-{part}-{ENV}")' for part in parts)

    def can_paginate(self, _operation: str) -> bool:
        return False

    def describe_alarms(self, **_named: object) -> dict[str, Any]:
        alarm = {"AlarmName": f"tradai-health-{ENV}", "AlarmRule": self._rule, "AlarmActions": [ALERTS]}
        return {"CompositeAlarms": [alarm]}


def exported() -> None:
    ids = network()
    _state(ids["vpc"], [ids["10.0.1.0/24"], ids["10.0.2.0/24"]])


def _state(vpc: str, subnets: list[str]) -> None:
    s3, place = client("s3"), {"LocationConstraint": "eu-central-1"}
    if STATES not in {item["Name"] for item in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=STATES, CreateBucketConfiguration=place)
    tables = f"arn:aws:dynamodb:eu-central-1:123456789012:table/tradai-workflow-state-{ENV}"
    outputs = {
        "foundation": {"vpc_id": vpc, "public_subnet_ids": subnets},
        "persistent": {"dynamodb_workflow_state_table_arn": tables},
    }
    for layer, exports in outputs.items():
        stack = {"type": "pulumi:pulumi:Stack", "outputs": exports}
        body = json.dumps({"checkpoint": {"latest": {"resources": [stack]}}})
        s3.put_object(Bucket=STATES, Key=f".pulumi/stacks/tradai-{layer}/{ENV}.json", Body=body)


def another_vpc_exported() -> None:
    subnets = client("ec2").describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.0.1.0/24"]}])["Subnets"]
    _state("vpc-0123", [subnets[0]["SubnetId"]])


def buckets() -> None:
    for use in (*BUCKETS, "pulumi-state"):
        place = {"LocationConstraint": "eu-central-1"}
        client("s3").create_bucket(Bucket=f"tradai-{use}-{ENV}", CreateBucketConfiguration=place)


def one_bucket_more() -> None:
    place = {"LocationConstraint": "eu-central-1"}
    client("s3").create_bucket(Bucket=f"tradai-spare-{ENV}", CreateBucketConfiguration=place)


def tagged() -> None:
    queues()


def another_owner() -> None:
    client("sqs").create_queue(QueueName=f"tradai-own-{ENV}", tags={**TAGS, "Owner": "somebody"})
