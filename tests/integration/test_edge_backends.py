"""Composite alarms, web ACLs, domain names and log filters: the endpoint answers and refuses as AWS does."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration.provider_server import moto_server

TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def aws() -> Iterator[Client]:
    """Clients of one local AWS; tests use names of their own."""
    with moto_server() as url:
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        make: Any = boto3.client
        yield lambda service: make(service, "eu-central-1", endpoint_url=url, **keys)


def _refused(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def _alarm(client: Any, name: str, **more: Any) -> None:
    client.put_metric_alarm(
        AlarmName=name,
        Namespace="tradai",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        **more,
    )


def _set(client: Any, **states: str) -> None:
    for name, state in states.items():
        client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def _composite_state(client: Any, name: str) -> str:
    (found,) = client.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return str(found["StateValue"])


def test_a_composite_alarm_follows_its_children(aws: Client) -> None:
    client = aws("cloudwatch")
    _alarm(client, "cpu")
    _alarm(client, "disk")
    client.put_composite_alarm(AlarmName="both", AlarmRule='ALARM("cpu") AND ALARM("disk")', AlarmActions=[TOPIC])
    client.put_composite_alarm(AlarmName="above", AlarmRule='NOT OK("both")')
    _set(client, cpu="ALARM", disk="OK")
    assert (_composite_state(client, "both"), _composite_state(client, "above")) == ("OK", "OK")
    _set(client, disk="ALARM")
    assert (_composite_state(client, "both"), _composite_state(client, "above")) == ("ALARM", "ALARM")
    listed = client.describe_alarms(StateValue="ALARM", AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert {alarm["AlarmName"] for alarm in listed} == {"both", "above"}


def test_composite_alarms_are_told_only_to_who_asks_for_them(aws: Client) -> None:
    client = aws("cloudwatch")
    _alarm(client, "asked")
    client.put_composite_alarm(AlarmName="asked-all", AlarmRule='ALARM("asked")')
    plain = client.describe_alarms(AlarmNamePrefix="asked")
    both = client.describe_alarms(AlarmNamePrefix="asked", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert (len(plain["MetricAlarms"]), len(plain["CompositeAlarms"])) == (1, 0)
    assert (len(both["MetricAlarms"]), len(both["CompositeAlarms"])) == (1, 1)


def test_a_rule_about_alarms_that_do_not_exist_is_refused(aws: Client) -> None:
    code, said = _refused(aws("cloudwatch").put_composite_alarm, AlarmName="c", AlarmRule='ALARM("ghost") OR TRUE')
    assert "Valid" in code
    assert "alarms [ghost] in the alarm rule do not exist" in said


def test_a_rule_that_cannot_be_read_is_refused(aws: Client) -> None:
    _, said = _refused(aws("cloudwatch").put_composite_alarm, AlarmName="c", AlarmRule="()")
    assert "Unsupported token ')' at char 1" in said


def test_an_alarm_that_a_rule_names_cannot_be_deleted(aws: Client) -> None:
    client = aws("cloudwatch")
    _alarm(client, "held")
    client.put_composite_alarm(AlarmName="holder", AlarmRule='ALARM("held")')
    _, said = _refused(client.delete_alarms, AlarmNames=["held"])
    assert "Cannot delete held as there are composite alarm(s) depending on it." in said
    client.delete_alarms(AlarmNames=["holder"])
    client.delete_alarms(AlarmNames=["held"])
    assert client.describe_alarms(AlarmNames=["held", "holder"])["MetricAlarms"] == []


def test_an_update_keeps_an_alarms_state_and_a_deletion_takes_its_tags(aws: Client) -> None:
    client = aws("cloudwatch")
    _alarm(client, "kept", Tags=[{"Key": "a", "Value": "1"}])
    _set(client, kept="ALARM")
    _alarm(client, "kept", AlarmDescription="changed")
    (found,) = client.describe_alarms(AlarmNames=["kept"])["MetricAlarms"]
    assert (found["StateValue"], found["AlarmDescription"]) == ("ALARM", "changed")
    assert client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "a", "Value": "1"}]
    client.delete_alarms(AlarmNames=["kept"])
    _alarm(client, "kept")
    assert client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == []


def test_an_alarm_on_metric_math_watches_one_query(aws: Client) -> None:
    queries = [{"Id": "a", "Expression": "1"}, {"Id": "b", "Expression": "2"}]
    arguments = {"EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}
    _, said = _refused(aws("cloudwatch").put_metric_alarm, AlarmName="math", Metrics=queries, **arguments)
    assert "Exactly one element of the metrics list should return data" in said


def _acl(client: Any, name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    action: dict[str, Any] = {"Allow": {}}
    made = client.create_web_acl(
        Name=name, Scope="REGIONAL", DefaultAction=action, Rules=list(rules), VisibilityConfig=SEEN
    )
    return {**made["Summary"], "Scope": "REGIONAL"}


def _balancer(aws: Client, name: str) -> str:
    ec2 = aws("ec2")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]
    return str(aws("elbv2").create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"])


def _delete(client: Any, acl: dict[str, Any]) -> None:
    client.delete_web_acl(Name=acl["Name"], Id=acl["Id"], Scope="REGIONAL", LockToken=acl["LockToken"])


def test_a_balancer_has_one_web_acl_which_cannot_go_while_in_use(aws: Client) -> None:
    client, balancer = aws("wafv2"), _balancer(aws, "one-acl")
    first, second = _acl(client, "first"), _acl(client, "second")
    for acl in (first, second):
        client.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=balancer)
    assert client.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["ARN"] == second["ARN"]
    code, _ = _refused(_delete, client=client, acl=second)
    assert code == "WAFAssociatedItemException"
    _delete(client, first)
    aws("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    _delete(client, second)


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("arn:aws:apigateway:eu-central-1::/apis/abc/stages/$default", "WAFInvalidParameterException"),
        (
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/none/1",
            "WAFNonexistentItemException",
        ),
    ],
    ids=["stage of an HTTP API", "balancer that is not there"],
)
def test_what_no_web_acl_can_protect_is_refused(aws: Client, resource: str, code: str) -> None:
    client = aws("wafv2")
    acl = _acl(client, f"for-{code}")
    assert _refused(client.associate_web_acl, WebACLArn=acl["ARN"], ResourceArn=resource)[0] == code


def test_a_web_acl_logs_only_where_the_name_says_so(aws: Client) -> None:
    client = aws("wafv2")
    acl = _acl(client, "logged")
    group = "arn:aws:logs:eu-central-1:123456789012:log-group"
    for name, refused in (("/waf/logs", True), ("aws-waf-logs-dev", False)):
        asked = {"ResourceArn": acl["ARN"], "LogDestinationConfigs": [f"{group}:{name}"]}
        if refused:
            code, _ = _refused(client.put_logging_configuration, LoggingConfiguration=asked)
            assert code == "WAFInvalidParameterException"
        else:
            client.put_logging_configuration(LoggingConfiguration=asked)
    _delete(client, acl)
    assert client.list_logging_configurations(Scope="REGIONAL")["LoggingConfigurations"] == []


def test_an_update_of_a_web_acl_replaces_its_rules_and_counts_them_anew(aws: Client) -> None:
    client = aws("wafv2")
    rule = {
        "Name": "sql",
        "Priority": 1,
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet"}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": SEEN,
    }
    acl = _acl(client, "replaced", rule)
    by = {"Name": acl["Name"], "Id": acl["Id"], "Scope": "REGIONAL"}
    assert client.get_web_acl(**by)["WebACL"]["Capacity"] == 200
    client.update_web_acl(**by, LockToken=acl["LockToken"], DefaultAction={"Block": {}}, VisibilityConfig=SEEN)
    found = client.get_web_acl(**by)["WebACL"]
    assert (found["Rules"], found["Capacity"], list(found["DefaultAction"])) == ([], 0, ["Block"])
    wrong = {**rule, "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesNone"}}}
    assert _refused(_acl_with, client=client, rule=wrong)[0] == "WAFNonexistentItemException"


def _acl_with(client: Any, rule: dict[str, Any]) -> None:
    _acl(client, "wrong", rule)


def _api(aws: Client) -> tuple[Any, str]:
    client = aws("apigatewayv2")
    return client, client.create_api(Name="edge", ProtocolType="HTTP")["ApiId"]


def _configuration(aws: Client) -> dict[str, str]:
    arn = aws("acm").request_certificate(DomainName="*.tradai.example")["CertificateArn"]
    return {"CertificateArn": arn, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}


def test_a_domain_name_needs_a_certificate_that_exists(aws: Client) -> None:
    client = aws("apigatewayv2")
    unknown = {**_configuration(aws), "CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/none"}
    asked = {"DomainName": "a.tradai.example", "DomainNameConfigurations": [unknown]}
    assert _refused(client.create_domain_name, **asked)[0] == "BadRequestException"
    made = client.create_domain_name(DomainName="a.tradai.example", DomainNameConfigurations=[_configuration(aws)])
    target = made["DomainNameConfigurations"][0]["ApiGatewayDomainName"]
    assert target.endswith(".execute-api.eu-central-1.amazonaws.com")
    changed = {**_configuration(aws), "SecurityPolicy": "TLS_1_2"}
    client.update_domain_name(DomainName="a.tradai.example", DomainNameConfigurations=[changed])
    found = client.get_domain_name(DomainName="a.tradai.example")["DomainNameConfigurations"][0]
    assert (found["CertificateArn"], found["ApiGatewayDomainName"]) == (changed["CertificateArn"], target)


def test_a_domain_name_has_one_mapping_a_key_and_takes_them_along(aws: Client) -> None:
    client, api = _api(aws)
    for stage in ("one", "two"):
        client.create_stage(ApiId=api, StageName=stage)
    client.create_domain_name(DomainName="b.tradai.example", DomainNameConfigurations=[_configuration(aws)])
    by = {"ApiId": api, "DomainName": "b.tradai.example"}
    made = client.create_api_mapping(**by, Stage="one", ApiMappingKey="v1")
    assert _refused(client.create_api_mapping, **by, Stage="two", ApiMappingKey="v1")[0] == "ConflictException"
    assert _refused(client.create_api_mapping, **by, Stage="three")[0] == "NotFoundException"
    client.update_api_mapping(**by, ApiMappingId=made["ApiMappingId"], Stage="two")
    found = client.get_api_mapping(DomainName="b.tradai.example", ApiMappingId=made["ApiMappingId"])
    assert (found["Stage"], found["ApiMappingKey"]) == ("two", "v1")
    client.delete_domain_name(DomainName="b.tradai.example")
    assert client.get_api_mappings(DomainName="b.tradai.example")["Items"] == []


def test_settings_of_a_route_need_the_route(aws: Client) -> None:
    client, api = _api(aws)
    settings = {"POST /backtests": {"ThrottlingRateLimit": 10.0}}
    code, said = _refused(client.create_stage, ApiId=api, StageName="early", RouteSettings=settings)
    assert code == "NotFoundException"
    assert "Unable to find Route by key POST /backtests" in said
    client.create_route(ApiId=api, RouteKey="POST /backtests")
    client.create_stage(ApiId=api, StageName="late", RouteSettings=settings)
    assert _refused(client.update_stage, ApiId=api, StageName="late", RouteSettings={"GET /none": {}})[0] == code


def test_a_metric_filter_is_one_a_name_and_goes_with_its_group(aws: Client) -> None:
    client = aws("logs")
    transformation = {"metricName": "Stale", "metricNamespace": "tradai", "metricValue": "1"}
    asked = {"logGroupName": "/edge", "filterName": "f", "metricTransformations": [transformation]}
    code, _ = _refused(client.put_metric_filter, **asked, filterPattern="ERROR")
    assert code == "ResourceNotFoundException"
    client.create_log_group(logGroupName="/edge")
    for pattern in ("ERROR", "WARN"):
        client.put_metric_filter(**asked, filterPattern=pattern)
    found = client.describe_metric_filters(logGroupName="/edge")["metricFilters"]
    assert [f["filterPattern"] for f in found] == ["WARN"]
    client.delete_log_group(logGroupName="/edge")
    assert client.describe_metric_filters()["metricFilters"] == []
