"""The edge stack under mocks: what it registers and what it exports."""

import json
from functools import cache
from typing import Any

import pytest

from tests.unit.iac.frozen import frozen
from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tests.unit.iac.upstream_outputs import arn, edge_inputs
from tradai_iac.config import settings_for
from tradai_iac.config.overrides import Alarms, CustomDomain, EdgeConfig, Waf
from tradai_iac.layers.edge.program import program

HEALTH = "GET /api/v1/health"
START = "POST /api/v1/backtests"


def run(environment: str = "dev", config: EdgeConfig | None = None, **compute: Any) -> Run:
    if config is None and not compute:
        return deployed(environment)
    return run_program(program, config or EdgeConfig(), context_for(environment), edge_inputs(**compute))


@cache
def deployed(environment: str) -> Run:
    return frozen(run_program(program, EdgeConfig(), context_for(environment), edge_inputs()))


@pytest.fixture(scope="module")
def dev() -> Run:
    return deployed("dev")


def routes(made: Run) -> dict[str, Any]:
    return {r["routeKey"]: r for r in made.of("aws:apigatewayv2/route:Route").values()}


def test_all_routes_of_the_document_are_served(dev: Run) -> None:
    assert sorted(routes(dev)) == sorted(route.key for route in settings_for("dev").api.routes)
    assert len(routes(dev)) == 21
    balanced = [key for key, route in routes(dev).items() if route["target"] == "integrations/balancer-id"]
    assert sorted(balanced) == sorted(set(routes(dev)) - {START})


def test_the_api_hands_on_the_callers_address_whatever_the_caller_says(dev: Run) -> None:
    balancer = dev.of("aws:apigatewayv2/integration:Integration")["balancer"]
    assert balancer["requestParameters"] == {"overwrite:header.x-tradai-client-ip": "$context.identity.sourceIp"}


def test_the_health_route_needs_no_token(dev: Run) -> None:
    assert routes(dev)[HEALTH]["authorizationType"] == "NONE"
    assert "authorizerId" not in routes(dev)[HEALTH]


def test_every_other_route_needs_a_token_of_the_user_pool(dev: Run) -> None:
    others = [route for key, route in routes(dev).items() if key != HEALTH]
    assert others
    assert {(r["authorizationType"], r["authorizerId"]) for r in others} == {("JWT", "jwt-id")}
    jwt = dev.one("aws:apigatewayv2/authorizer:Authorizer")["jwtConfiguration"]
    assert jwt["issuer"] == "https://cognito-idp.eu-central-1.amazonaws.com/pool-1"
    assert jwt["audiences"] == ["web-1", "m2m-1"]


def test_the_health_route_goes_over_the_vpc_link_to_the_listener(dev: Run) -> None:
    balancer = dev.of("aws:apigatewayv2/integration:Integration")["balancer"]
    assert balancer["integrationUri"] == arn("elasticloadbalancing", "listener/app/tradai-alb-dev/1/80")
    assert (balancer["connectionType"], balancer["connectionId"]) == ("VPC_LINK", "link-id")
    assert "tlsConfig" not in balancer
    link = dev.one("aws:apigatewayv2/vpcLink:VpcLink")
    assert link["subnetIds"] == ["subnet-private-1", "subnet-private-2"]
    assert link["securityGroupIds"] == ["sg-ecs"]
    assert routes(dev)[HEALTH]["target"] == "integrations/balancer-id"


def test_a_listener_with_a_certificate_is_spoken_to_by_tls() -> None:
    https = arn("elasticloadbalancing", "listener/app/tradai-alb-dev/1/443")
    made = run(alb_https_listener_arn=https, alb_server_name="api.tradai.example")
    balancer = made.of("aws:apigatewayv2/integration:Integration")["balancer"]
    assert balancer["integrationUri"] == https
    assert balancer["tlsConfig"] == {"serverNameToVerify": "api.tradai.example"}


def test_a_backtest_request_goes_into_the_queue_as_a_group_of_its_own(dev: Run) -> None:
    backtests = dev.of("aws:apigatewayv2/integration:Integration")["backtests"]
    assert backtests["integrationSubtype"] == "SQS-SendMessage"
    assert backtests["requestParameters"] == {
        "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/tradai-backtest-queue-dev.fifo",
        "MessageBody": "$request.body",
        "MessageGroupId": "$context.requestId",
    }
    assert routes(dev)[START]["target"] == "integrations/backtests-id"


def test_the_api_may_send_to_the_backtest_queue_and_nothing_else(dev: Run) -> None:
    (statement,) = json.loads(dev.one("aws:iam/rolePolicy:RolePolicy")["policy"])["Statement"]
    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Resource"] == [arn("sqs", "tradai-backtest-queue-dev.fifo")]
    (trust,) = json.loads(dev.one("aws:iam/role:Role")["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": ["apigateway.amazonaws.com"]}


def test_the_stage_throttles_all_routes_and_backtests_more(dev: Run) -> None:
    stage = dev.one("aws:apigatewayv2/stage:Stage")
    assert (stage["name"], stage["autoDeploy"]) == ("$default", True)
    default = stage["defaultRouteSettings"]
    assert (default["throttlingRateLimit"], default["throttlingBurstLimit"]) == (100, 200)
    (backtests,) = stage["routeSettings"]
    assert (backtests["routeKey"], backtests["throttlingRateLimit"]) == (START, 10)
    assert backtests["throttlingBurstLimit"] == 200


def test_the_access_log_tells_who_asked_what_and_no_token(dev: Run) -> None:
    log_group = dev.one("aws:cloudwatch/logGroup:LogGroup")
    settings = dev.one("aws:apigatewayv2/stage:Stage")["accessLogSettings"]
    assert settings["destinationArn"].endswith(log_group["name"])
    fields = json.loads(settings["format"])
    assert {"requestId", "routeKey", "status", "ip"} <= fields.keys()
    assert not [value for value in fields.values() if "authorization" in value.lower()]


@pytest.mark.parametrize(("environment", "days"), [("dev", 30), ("staging", 30), ("prod", 90)])
def test_access_logs_are_kept_as_long_as_the_environment_says(environment: str, days: int) -> None:
    groups = run(environment).of("aws:cloudwatch/logGroup:LogGroup")
    assert groups["api-access"]["retentionInDays"] == days
    assert {group["retentionInDays"] for group in groups.values()} == {days}


@pytest.mark.parametrize(
    ("environment", "override", "origins"),
    [
        ("dev", None, ["*"]),
        ("staging", None, None),
        ("prod", None, None),
        ("prod", ["https://tradai.example"], ["https://tradai.example"]),
        ("dev", [], None),
    ],
)
def test_browsers_may_call_from_anywhere_in_dev_and_else_from_where_people_say(
    environment: str, override: list[str] | None, origins: list[str] | None
) -> None:
    api = run(environment, EdgeConfig(cors_allowed_origins=override)).one("aws:apigatewayv2/api:Api")
    assert api.get("corsConfiguration", {}).get("allowOrigins") == origins


def test_without_load_balancer_only_the_queue_is_served() -> None:
    made = run(config=EdgeConfig(skip_alb=True), alb_dns_name=None, alb_http_listener_arn=None)
    assert list(routes(made)) == [START]
    assert not made.of("aws:apigatewayv2/vpcLink:VpcLink")


def test_a_missing_load_balancer_is_reported_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="set skipAlb in the edge layer's config"):
        run(alb_http_listener_arn=None)


def test_the_dashboard_shows_tasks_functions_api_database_queue_workflows_and_trading(dev: Run) -> None:
    dashboard = dev.one("aws:cloudwatch/dashboard:Dashboard")
    widgets = json.loads(dashboard["dashboardBody"])["widgets"]
    text = json.dumps([widget["properties"]["metrics"] for widget in widgets])
    for subject in (
        "tradai-cluster-dev",
        "api-id",
        "tradai-mlflow-dev",
        "tradai-backtest-queue-dev.fifo",
        "tradai-health-check-dev",
        arn("states", "stateMachine:tradai-backtest-workflow-dev"),
        "LiveStrategies",
    ):
        assert subject in text
    assert len({(widget["x"], widget["y"]) for widget in widgets}) == len(widgets)


def test_the_outputs_say_where_the_api_and_the_dashboard_are(dev: Run) -> None:
    assert dev.outputs["api_gateway_id"] == "api-id"
    assert dev.outputs["api_gateway_endpoint"].startswith("https://api-id.execute-api.eu-central-1")
    assert dev.outputs["dashboard_url"].endswith("#dashboards/dashboard/tradai-dashboard-dev")


ACL = "aws:wafv2/webAcl:WebAcl"


@pytest.mark.parametrize(
    ("environment", "enabled", "exists"),
    [("dev", None, False), ("dev", True, True), ("staging", None, True), ("prod", None, True), ("prod", True, True)],
)
def test_the_web_acl_is_optional_in_dev_and_there_elsewhere(
    environment: str, enabled: bool | None, exists: bool
) -> None:
    made = run(environment, EdgeConfig(waf=Waf(enabled=enabled)))
    assert bool(made.of(ACL)) is exists
    assert (made.outputs["waf_web_acl_arn"] is not None) is exists


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_the_web_acl_cannot_be_turned_off_where_it_is_demanded(environment: str) -> None:
    with pytest.raises(ValueError, match=f"cannot be turned off in {environment}"):
        run(environment, EdgeConfig(waf=Waf(enabled=False)))


def test_the_web_acl_has_the_rules_of_the_document_in_their_order() -> None:
    made = run("prod")
    rules = {rule["name"]: rule for rule in made.one(ACL)["rules"]}
    assert [(name, rule["priority"]) for name, rule in rules.items()] == [
        ("RateLimitRule", 1),
        ("AWSManagedRulesCommonRuleSet", 2),
        ("AWSManagedRulesKnownBadInputsRuleSet", 3),
        ("AWSManagedRulesSQLiRuleSet", 4),
    ]
    rate = rules["RateLimitRule"]["statement"]["rateBasedStatement"]
    assert (rate["limit"], rate["evaluationWindowSec"], rate["aggregateKeyType"]) == (100, 300, "FORWARDED_IP")
    assert rate["forwardedIpConfig"]["headerName"] == "x-tradai-client-ip"
    assert "block" in rules["RateLimitRule"]["action"]
    assert all("none" in rule["overrideAction"] for name, rule in rules.items() if name != "RateLimitRule")


def test_the_web_acl_stands_before_the_load_balancer_and_logs_no_token() -> None:
    made = run("prod")
    association = made.one("aws:wafv2/webAclAssociation:WebAclAssociation")
    assert association["resourceArn"] == arn("elasticloadbalancing", "loadbalancer/app/tradai-alb-dev/1")
    logging = made.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration")
    assert logging["redactedFields"] == [{"singleHeader": {"name": "authorization"}}]
    assert made.of("aws:cloudwatch/logGroup:LogGroup")["waf"]["name"] == "aws-waf-logs-tradai-waf-prod"


def test_countries_are_refused_by_the_callers_address_before_all_other_rules() -> None:
    made = run("prod", EdgeConfig(waf=Waf(blocked_countries=["KP", "IR"])))
    first = min(made.one(ACL)["rules"], key=lambda rule: rule["priority"])
    geo = first["statement"]["geoMatchStatement"]
    assert geo["countryCodes"] == ["IR", "KP"]
    assert geo["forwardedIpConfig"]["headerName"] == "x-tradai-client-ip"
    assert "block" in first["action"]


def test_without_load_balancer_the_web_acl_stands_before_nothing() -> None:
    made = run("prod", EdgeConfig(skip_alb=True), alb_arn=None, alb_http_listener_arn=None)
    assert made.of(ACL)
    assert not made.of("aws:wafv2/webAclAssociation:WebAclAssociation")


def test_the_api_answers_under_its_own_name_where_it_has_one() -> None:
    certificate = arn("acm", "certificate/1a2b")
    config = EdgeConfig(custom_domain=CustomDomain(name="api.tradai.example", certificate_arn=certificate))
    made = run(config=config)
    domain = made.one("aws:apigatewayv2/domainName:DomainName")
    assert domain["domainName"] == "api.tradai.example"
    assert domain["domainNameConfiguration"]["certificateArn"] == certificate
    mapping = made.one("aws:apigatewayv2/apiMapping:ApiMapping")
    assert (mapping["apiId"], mapping["stage"]) == ("api-id", "stage-id")
    assert made.outputs["api_custom_domain"] == "api.tradai.example"


METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm"


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
