"""For each compute and edge kind: make it by hand as the documents have it, then spoil one value."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.documents.cases_persistent import POOL, user_pool
from tests.unit.documents.handmade import ENV, LOWER_PAIRS, PAIRS, REGION, TAGS, client, group, network, role

HEALTH = "GET /api/v1/health"
BACKTESTS = "POST /api/v1/backtests"
SERVED = {
    "backend-api": (8000, "/api/v1/*"),
    "data-collection": (8002, "/data-collection/*"),
    "mlflow": (5000, "/mlflow/*"),
    "strategy-service": (8003, "/strategy-service/*"),
}


def cluster() -> None:
    client("ecs").create_cluster(
        clusterName=f"tradai-cluster-{ENV}", capacityProviders=["FARGATE", "FARGATE_SPOT"], tags=LOWER_PAIRS
    )


def no_spot() -> None:
    client("ecs").put_cluster_capacity_providers(
        cluster=f"tradai-cluster-{ENV}", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
    )


def task_roles() -> None:
    for use in ("execution", "task"):
        role(f"tradai-ecs-{use}-{ENV}", "ecs-tasks.amazonaws.com", ["logs:PutLogEvents"])


def one_task_role() -> None:
    client("iam").delete_role_policy(RoleName=f"tradai-ecs-task-{ENV}", PolicyName="own")
    client("iam").delete_role(RoleName=f"tradai-ecs-task-{ENV}")


def load_balancer() -> None:
    balancer(network())


def balancer(ids: dict[str, str]) -> str:
    """The load balancer with a rule a service; answers its listener's ARN."""
    elb = client("elbv2")
    arn = elb.create_load_balancer(
        Name=f"tradai-alb-{ENV}",
        Scheme="internal",
        Subnets=[ids["10.0.1.0/24"], ids["10.0.2.0/24"]],
        SecurityGroups=[group(ids["vpc"], f"tradai-alb-sg-{ENV}")],
        Tags=PAIRS,
    )["LoadBalancers"][0]["LoadBalancerArn"]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    made = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[answer])
    listener = str(made["Listeners"][0]["ListenerArn"])
    for position, (service, (port, path)) in enumerate(SERVED.items(), start=1):
        behind(ids["vpc"], service, port, listener, position, path)
    return listener


def behind(vpc: str, service: str, port: int, listener: str, priority: int, path: str) -> None:
    elb = client("elbv2")
    made = elb.create_target_group(Name=f"tradai-{service}-{ENV}", Protocol="HTTP", Port=port, VpcId=vpc)
    forward = {"Type": "forward", "TargetGroupArn": made["TargetGroups"][0]["TargetGroupArn"]}
    condition = {"Field": "path-pattern", "Values": [path]}
    elb.create_rule(ListenerArn=listener, Conditions=[condition], Priority=priority, Actions=[forward])


def listener_elsewhere() -> None:
    elb = client("elbv2")
    arn = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]["ListenerArn"]
    elb.modify_listener(ListenerArn=listener, Port=8080)


def target_group() -> None:
    client("elbv2").create_target_group(
        Name=f"tradai-mlflow-{ENV}",
        Protocol="HTTP",
        Port=5000,
        VpcId=network()["vpc"],
        TargetType="ip",
        HealthCheckPath="/mlflow/",
        Tags=PAIRS,
    )


def elsewhere_healthy() -> None:
    elb = client("elbv2")
    arn = elb.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/")


def http_api() -> None:
    user_pool()
    ids, gateway = network(), client("apigatewayv2")
    api = gateway.create_api(Name=f"tradai-api-{ENV}", ProtocolType="HTTP", Tags=TAGS)["ApiId"]
    link = gateway.create_vpc_link(Name=f"tradai-link-{ENV}", SubnetIds=[ids["10.0.11.0/24"]])["VpcLinkId"]
    authorizer = gateway.create_authorizer(
        ApiId=api,
        Name="users",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration=_trusted(),
    )["AuthorizerId"]
    linked = {"IntegrationType": "HTTP_PROXY", "ConnectionType": "VPC_LINK", "ConnectionId": link}
    _route(api, HEALTH, {**linked, "IntegrationUri": balancer(ids)})
    queue = {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/123456789012/tradai-backtest-queue-{ENV}.fifo"}
    queued = {"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "SQS-SendMessage", "RequestParameters": queue}
    _route(api, BACKTESTS, queued, AuthorizationType="JWT", AuthorizerId=authorizer)
    gateway.create_stage(
        ApiId=api,
        StageName="$default",
        DefaultRouteSettings={"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200},
        RouteSettings={BACKTESTS: {"ThrottlingRateLimit": 10}},
    )


def _trusted() -> dict[str, Any]:
    cognito = client("cognito-idp")
    pools = cognito.list_user_pools(MaxResults=10)["UserPools"]
    pool = next(item["Id"] for item in pools if item["Name"] == POOL)
    clients = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"]
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
    return {"Issuer": issuer, "Audience": [item["ClientId"] for item in clients]}


def _route(api: str, key: str, integration: dict[str, Any], **auth: str) -> None:
    gateway = client("apigatewayv2")
    made = gateway.create_integration(ApiId=api, PayloadFormatVersion="1.0", **integration)["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{made}", **auth)


def untrusting_api() -> None:
    gateway = client("apigatewayv2")
    api = gateway.get_apis()["Items"][0]["ApiId"]
    used = {item["AuthorizerId"] for item in gateway.get_routes(ApiId=api)["Items"] if "AuthorizerId" in item}
    known = gateway.get_authorizer(ApiId=api, AuthorizerId=used.pop())
    trusted = {**known["JwtConfiguration"], "Audience": ["somebody"]}
    gateway.update_authorizer(ApiId=api, AuthorizerId=known["AuthorizerId"], JwtConfiguration=trusted)


def open_backtests() -> None:
    gateway = client("apigatewayv2")
    api = gateway.get_apis()["Items"][0]["ApiId"]
    routes = gateway.get_routes(ApiId=api)["Items"]
    mine = next(item["RouteId"] for item in routes if item["RouteKey"] == BACKTESTS)
    gateway.update_route(ApiId=api, RouteId=mine, AuthorizationType="NONE")


def dashboard() -> None:
    shown = ["AWS/ApiGateway", "AWS/ECS", "AWS/Lambda", "tradai"]
    searched = [{"expression": "SEARCH('{AWS/RDS,DBInstanceIdentifier}', 'Average', 300)"}]
    lines = [*([namespace, "Metric"] for namespace in shown), searched]
    body = json.dumps({"widgets": [{"type": "metric", "properties": {"metrics": lines}}]})
    client("cloudwatch").put_dashboard(DashboardName=f"tradai-trading-{ENV}", DashboardBody=body)


def no_dashboard() -> None:
    client("cloudwatch").delete_dashboards(DashboardNames=[f"tradai-trading-{ENV}"])
