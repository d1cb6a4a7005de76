"""For each compute and edge kind: make it by hand as the documents have it, then spoil one value."""

from __future__ import annotations

from typing import Any

from tests.unit.documents.cases_persistent import POOL, user_pool
from tests.unit.documents.handmade import ENV, LOWER_PAIRS, PAIRS, REGION, TAGS, client, group, network, role

HEALTH = "GET /api/v1/health"
BACKTESTS = "POST /api/v1/backtests"


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
    balancer("internal")


def balancer(scheme: str) -> None:
    ids, elb = network(), client("elbv2")
    arn = elb.create_load_balancer(
        Name=f"tradai-alb-{ENV}",
        Scheme=scheme,
        Subnets=[ids["10.0.1.0/24"], ids["10.0.2.0/24"]],
        SecurityGroups=[group(ids["vpc"], f"tradai-alb-sg-{ENV}")],
        Tags=PAIRS,
    )["LoadBalancers"][0]["LoadBalancerArn"]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[answer])


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
    _route(api, HEALTH, {"IntegrationType": "HTTP_PROXY", "ConnectionType": "VPC_LINK", "ConnectionId": link})
    queued = {"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "SQS-SendMessage"}
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


def _route(api: str, key: str, integration: dict[str, str], **auth: str) -> None:
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
    client("cloudwatch").put_dashboard(DashboardName=f"tradai-trading-{ENV}", DashboardBody="{}")


def no_dashboard() -> None:
    client("cloudwatch").delete_dashboards(DashboardNames=[f"tradai-trading-{ENV}"])
