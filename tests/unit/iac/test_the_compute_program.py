"""The compute stack under mocks: what it registers and what it exports."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tests.unit.iac.upstream_outputs import arn, compute_inputs
from tradai_iac.config.overrides import ComputeConfig
from tradai_iac.layers.compute.program import program

CERTIFICATE = arn("acm", "certificate/12345678-aaaa-bbbb-cccc-123456789012")
SECURE = ComputeConfig(certificate_arn=CERTIFICATE, certificate_host="api.tradai.example")


def run(environment: str = "dev", config: ComputeConfig | None = None) -> Run:
    return run_program(program, config or ComputeConfig(), context_for(environment), compute_inputs())


@pytest.fixture(scope="module")
def dev() -> Run:
    return run()


def statements(made: Run, role: str) -> list[dict[str, Any]]:
    policy = made.of("aws:iam/rolePolicy:RolePolicy")[role]["policy"]
    return list(json.loads(policy)["Statement"])


def test_the_cluster_offers_fargate_and_fargate_spot(dev: Run) -> None:
    capacity = dev.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    assert capacity["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert capacity["clusterName"] == dev.one("aws:ecs/cluster:Cluster")["name"] == "tradai-cluster-dev"


@pytest.mark.parametrize(("environment", "days"), [("dev", 30), ("staging", 30), ("prod", 90)])
def test_task_logs_are_kept_as_long_as_the_environment_says(environment: str, days: int) -> None:
    assert run(environment).one("aws:cloudwatch/logGroup:LogGroup")["retentionInDays"] == days


def test_the_load_balancer_is_internal_in_the_public_subnets_and_logs_to_the_logs_bucket(dev: Run) -> None:
    balancer = dev.one("aws:lb/loadBalancer:LoadBalancer")
    assert balancer["internal"] is True
    assert balancer["subnets"] == ["subnet-public-1", "subnet-public-2"]
    assert balancer["securityGroups"] == ["sg-alb"]
    assert balancer["accessLogs"] == {"bucket": "tradai-logs-dev", "prefix": "alb", "enabled": True}


@pytest.mark.parametrize(
    ("service", "port", "path"),
    [
        ("backend-api", 8000, "/api/v1/health"),
        ("data-collection", 8002, "/api/v1/health"),
        ("mlflow", 5000, "/mlflow/"),
        ("strategy-service", 8003, "/api/v1/health"),
    ],
)
def test_a_service_has_a_target_group_of_addresses_with_its_port_and_health_check(
    dev: Run, service: str, port: int, path: str
) -> None:
    group = dev.of("aws:lb/targetGroup:TargetGroup")[service]
    assert (group["port"], group["healthCheck"]["path"], group["targetType"]) == (port, path, "ip")
    assert group["tags"]["Service"] == service


def test_services_that_no_load_balancer_checks_have_no_target_group(dev: Run) -> None:
    assert len(dev.of("aws:lb/targetGroup:TargetGroup")) == len(dev.outputs["target_group_arns"]) == 4


def test_target_group_names_fit_also_in_an_environment_of_a_pull_request() -> None:
    groups = run("eph-pr1234").of("aws:lb/targetGroup:TargetGroup")
    names = [group["name"] for group in groups.values()]
    assert all(len(name) <= 32 for name in names)
    assert len(set(names)) == len(names)


def test_each_service_answers_on_its_own_paths_by_priority(dev: Run) -> None:
    rules = dev.of("aws:lb/listenerRule:ListenerRule")
    assert rules["backend-api"]["conditions"] == [{"pathPattern": {"values": ["/api/v1/*"]}}]
    assert rules["mlflow"]["conditions"] == [{"pathPattern": {"values": ["/mlflow", "/mlflow/*"]}}]
    assert len({rule["priority"] for rule in rules.values()}) == len(rules) == 4


def test_without_certificate_http_serves_and_answers_the_rest_with_404(dev: Run) -> None:
    listeners = dev.of("aws:lb/listener:Listener")
    assert list(listeners) == ["http"]
    (action,) = listeners["http"]["defaultActions"]
    assert action["type"] == "fixed-response"
    assert action["fixedResponse"]["statusCode"] == "404"
    assert dev.outputs["alb_https_listener_arn"] is None


def test_with_a_certificate_http_redirects_and_https_serves() -> None:
    made = run(config=SECURE)
    listeners = made.of("aws:lb/listener:Listener")
    (action,) = listeners["http"]["defaultActions"]
    assert action["redirect"] == {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}
    assert listeners["https"]["certificateArn"] == CERTIFICATE
    served = {rule["listenerArn"] for rule in made.of("aws:lb/listenerRule:ListenerRule").values()}
    assert served == {made.outputs["alb_https_listener_arn"]}
    assert made.outputs["alb_server_name"] == "api.tradai.example"


@pytest.mark.parametrize("config", [{"certificateArn": CERTIFICATE}, {"certificateHost": "api.tradai.example"}])
def test_a_certificate_and_its_host_come_together_or_not_at_all(config: Mapping[str, Any]) -> None:
    with pytest.raises(ValidationError, match="together, or neither"):
        ComputeConfig.model_validate(config)


def test_without_load_balancer_its_outputs_are_none() -> None:
    made = run(config=ComputeConfig(skip_alb=True))
    assert not [resource for resource in made if resource.type.startswith("aws:lb/")]
    balancer = {name: value for name, value in made.outputs.items() if name.startswith("alb_")}
    assert set(balancer.values()) == {None}
    assert made.outputs["target_group_arns"] == {}


def test_the_roles_trust_ecs_tasks_alone(dev: Run) -> None:
    for role in dev.of("aws:iam/role:Role").values():
        (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert statement["Principal"] == {"Service": ["ecs-tasks.amazonaws.com"]}


def test_tasks_are_started_from_every_repository_strategies_included(dev: Run) -> None:
    (pull,) = [s for s in statements(dev, "ecs-execution") if "ecr:BatchGetImage" in s["Action"]]
    assert arn("ecr", "repository/tradai/pascal-strategy-dev") in pull["Resource"]


def test_tasks_may_not_touch_the_logs_bucket(dev: Run) -> None:
    resources = [resource for s in statements(dev, "ecs-task") for resource in s["Resource"]]
    assert "arn:aws:s3:::tradai-results-dev/*" in resources
    assert not [resource for resource in resources if "logs" in resource]


def test_a_policy_reads_the_same_in_whatever_order_upstream_lists_things() -> None:
    given = compute_inputs().persistent.ecr_repository_arns
    assert isinstance(given, dict)
    turned = compute_inputs(ecr_repository_arns=dict(reversed(given.items())))
    again = run_program(program, ComputeConfig(), context_for("dev"), turned)
    assert statements(again, "ecs-execution") == statements(run(), "ecs-execution")
