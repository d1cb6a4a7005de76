"""The edge stack under mocks: its API with the dashboard and the name of its own, and what it exports."""

import json
from typing import Any

import pytest

from tests.unit.iac.edge_runs import deployed, run
from tests.unit.iac.pulumi_mocks import Run
from tests.unit.iac.upstream_outputs import arn
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.overrides import CustomDomain, EdgeConfig

HEALTH = "GET /api/v1/health"
START = "POST /api/v1/backtests"


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
    given = dict(backtests["requestParameters"])
    assert json.loads(given.pop("MessageAttributes")) == {
        "subject": {"DataType": "String", "StringValue": "${context.authorizer.claims.sub}"},
        "request_id": {"DataType": "String", "StringValue": "${context.requestId}"},
    }
    assert given == {
        "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/tradai-backtest-queue-dev.fifo",
        "MessageBody": "$request.body",
        "MessageGroupId": "$context.requestId",
    }
    assert routes(dev)[START]["target"] == "integrations/backtests-id"


def test_the_api_says_what_becomes_of_the_same_request_within_five_minutes(dev: Run) -> None:
    said = dev.one("aws:apigatewayv2/api:Api")["description"]
    assert "The same body within five minutes" in said
    assert "MessageId" in said
    assert len(said) <= 1024


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
