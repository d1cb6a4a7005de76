"""The compute stack under mocks: what it registers and what it exports."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.iac.compute_runs import configured, deployed
from tests.unit.iac.pulumi_mocks import Run, context_for, run_program
from tests.unit.iac.upstream_outputs import arn, compute_inputs
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.layers.compute.program import program

CERTIFICATE = arn("acm", "certificate/12345678-aaaa-bbbb-cccc-123456789012")
SECURE = {"certificateArn": CERTIFICATE, "certificateHost": "api.tradai.example"}


@pytest.fixture(scope="module")
def dev() -> Run:
    return deployed("dev")


def test_the_cluster_offers_fargate_and_fargate_spot(dev: Run) -> None:
    capacity = dev.one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    assert capacity["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert capacity["clusterName"] == dev.one("aws:ecs/cluster:Cluster")["name"] == "tradai-cluster-dev"


@pytest.mark.parametrize(("environment", "days"), [("dev", 30), ("staging", 30), ("prod", 90)])
def test_task_logs_are_kept_as_long_as_the_environment_says(environment: str, days: int) -> None:
    groups = deployed(environment).of("aws:cloudwatch/logGroup:LogGroup")
    services = [service.name for service in settings_for(environment).services]
    assert {groups[service]["retentionInDays"] for service in services} == {days}
    assert [groups[service]["name"] for service in services] == [f"tradai-{s}-{environment}" for s in services]


@pytest.mark.parametrize(("environment", "value"), [("dev", "disabled"), ("staging", "disabled"), ("prod", "enabled")])
def test_container_insights_are_paid_for_where_services_run_as_tasks(environment: str, value: str) -> None:
    cluster = deployed(environment).one("aws:ecs/cluster:Cluster")
    assert cluster["settings"] == [{"name": "containerInsights", "value": value}]


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
def test_a_service_has_a_target_group_with_its_port_and_health_check(
    dev: Run, service: str, port: int, path: str
) -> None:
    group = dev.of("aws:lb/targetGroup:TargetGroup")[service]
    assert (group["port"], group["healthCheck"]["path"]) == (port, path)
    assert group["tags"]["Service"] == service


@pytest.mark.parametrize(("environment", "kind"), [("dev", "instance"), ("staging", "instance"), ("prod", "ip")])
def test_targets_are_tasks_or_the_instance_that_runs_the_services(environment: str, kind: str) -> None:
    groups = deployed(environment).of("aws:lb/targetGroup:TargetGroup")
    assert {group["targetType"] for group in groups.values()} == {kind}


def test_services_that_no_load_balancer_checks_have_no_target_group(dev: Run) -> None:
    assert len(dev.of("aws:lb/targetGroup:TargetGroup")) == len(dev.outputs["target_group_arns"]) == 4


def test_target_group_names_fit_also_in_an_environment_of_a_pull_request() -> None:
    groups = deployed("eph-pr1234").of("aws:lb/targetGroup:TargetGroup")
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
    made = configured("dev", SECURE)
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
    made = configured("dev", {"skipAlb": True})
    assert not [resource for resource in made if resource.type.startswith("aws:lb/")]
    balancer = {name: value for name, value in made.outputs.items() if name.startswith("alb_")}
    assert set(balancer.values()) == {None}
    assert made.outputs["target_group_arns"] == {}


@pytest.mark.parametrize(
    ("environment", "instance"),
    [("dev", set()), ("prod", {"consolidated_asg_name", "consolidated_instance_role_arn"})],
)
def test_every_export_has_a_value_unless_the_environment_has_no_such_thing(
    environment: str, instance: set[str]
) -> None:
    made = deployed(environment)
    absent = {name for name, value in made.outputs.items() if value is None}
    assert absent == {"alb_https_listener_arn", "alb_server_name", *instance}
    assert len(made.outputs["lambda_function_arns"]) == 17
    assert len(made.outputs["ecs_task_definition_arns"]) == len(made.outputs["ecs_task_role_arns"]) == 7


def test_the_strategy_containers_role_and_definition_are_those_of_001(dev: Run) -> None:
    assert dev.outputs["ecs_task_role_arn"] == dev.outputs["ecs_task_role_arns"]["strategy-container"]
    assert dev.outputs["strategy_task_definition_arn"] == dev.outputs["ecs_task_definition_arns"]["strategy-container"]


@pytest.mark.parametrize("missing", ["mlflow", "health-check"])
def test_a_missing_image_is_named(missing: str) -> None:
    context = context_for("prod")
    images = {name: digest for name, digest in context.images.items() if name != missing}
    with pytest.raises(KeyError, match=f"no image of {missing}"):
        run_program(program, ComputeConfig(), replace(context, images=images), compute_inputs())
