"""The control plane: what each container is told, who reaches whom, and that nothing is lost."""

import pytest

from tests.unit.iac.control_plane_graph import (
    ACCOUNT,
    ENVIRONMENTS,
    EXISTING,
    FOUR,
    container,
    definition,
    graph,
    standing,
)
from tests.unit.iac.pulumi_mocks import REGION
from tests.unit.iac.whole_graph import taggable
from tradai_blueprints.control_plane.declaration import CONTROL_PLANE
from tradai_blueprints.control_plane.layers.ground.network import ranges
from tradai_iac.accounts import Account, bootstrap_policy
from tradai_iac.blueprints import BLUEPRINTS, BUILDABLE
from tradai_iac.iam.evaluate import Call, decide
from tradai_iac.iam.policies import statements
from tradai_iac.rendering import render
from tradai_iac.tags import URN_TAG
from tradai_operator.model import crd


def test_no_resource_can_be_of_it_and_the_definition_says_nothing_of_it() -> None:
    assert CONTROL_PLANE.name in BUILDABLE
    assert CONTROL_PLANE.name not in BLUEPRINTS
    told = crd.render()
    assert "control-plane" not in told and "kubernetes-controller" not in told
    assert crd.FILE.read_text() == told


def test_a_role_that_deploys_an_environment_can_touch_nothing_of_it() -> None:
    for environment in ("dev", "staging", "prod"):
        policy = statements(bootstrap_policy(Account(account_id=ACCOUNT, region=REGION, environment=environment)))
        home = CONTROL_PLANE.stack_project("x").partition("-")[0]
        for action, resource in (
            ("rds:DeleteDBInstance", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{home}-database-{environment}"),
            ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/{home}-operator-{environment}"),
            ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{home}/authority-x"),
            ("ecs:UpdateService", f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{home}-cluster-{environment}/{home}-x"),
        ):
            assert not decide(policy, Call(action, resource)).allowed


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_name_says_project_and_environment(environment: str) -> None:
    within = {"aws:iam/rolePolicy:RolePolicy"}
    for run in graph(environment, clients=("10.0.0.0/8",)).values():
        for resource in run.resources:
            name = resource.inputs.get("identifier") or resource.inputs.get("name") or resource.inputs.get("family")
            if isinstance(name, str) and resource.type.startswith("aws:") and resource.type not in within:
                assert name.startswith("tradaihome"), resource
                assert environment[:6] in name and len(name) <= 63


def test_whatever_takes_tags_has_them() -> None:
    for run in standing().values():
        for resource in run.resources:
            if resource.type.startswith("aws:") and taggable(resource.type):
                assert URN_TAG in resource.inputs["tags"], resource.name


@pytest.mark.parametrize(("environment", "kept"), [("dev", False), ("staging", True), ("prod", True)])
def test_the_database_is_encrypted_backed_up_and_kept(environment: str, kept: bool) -> None:
    ground = graph(environment)["ground"]
    database = ground.one("aws:rds/instance:Instance")
    assert database["storageEncrypted"] is True
    assert database["publiclyAccessible"] is False
    assert database["backupRetentionPeriod"] == 14
    assert database["deletionProtection"] is kept
    assert database["skipFinalSnapshot"] is not kept
    (parameter,) = ground.one("aws:rds/parameterGroup:ParameterGroup")["parameters"]
    assert (parameter["name"], parameter["value"]) == ("rds.force_ssl", "1")


@pytest.mark.parametrize("name", FOUR)
def test_whoever_stands_is_started_again_by_itself(name: str) -> None:
    found = container(name)
    assert found["essential"] is True
    assert found["restartPolicy"] == {"enabled": True, "restartAttemptPeriod": 60}
    assert found["healthCheck"]["interval"] * found["healthCheck"]["retries"] > 120, "a minute without a database"


def test_whoever_ends_by_itself_takes_nobody_along() -> None:
    assert [each["name"] for each in definition("control") if not each["essential"]] == ["certificates", "setup"]
    assert not any("restartPolicy" in container(name) for name in ("certificates", "setup"))


def test_everybody_waits_for_what_it_needs() -> None:
    order = {each["name"]: [one["containerName"] for one in each["dependsOn"]] for each in definition("control")}
    assert order == {
        "certificates": [],
        "kine": ["certificates"],
        "kube-apiserver": ["kine"],
        "kube-controller-manager": ["kube-apiserver"],
        "setup": ["kube-apiserver"],
        "operator": ["setup"],
    }


def test_nobody_is_root_and_one_alone_writes_what_the_others_read() -> None:
    found = definition("control")
    assert {each["user"] for each in found} == {"65532:65532"}
    writable = [each["name"] for each in found if not each["readonlyRootFilesystem"]]
    assert writable == ["kube-apiserver"], "a session of Systems Manager needs a place to write"
    writers = [
        each["name"]
        for each in found
        for mount in each["mountPoints"]
        if mount["containerPath"] == "/control-plane" and not mount["readOnly"]
    ]
    assert writers == ["certificates"]


def test_no_definition_has_a_secrets_value_and_kine_trusts_nobody_outside() -> None:
    (endpoint,) = [word for word in container("kine")["command"] if word.startswith("--endpoint=")]
    assert "sslmode=verify-full" in endpoint
    assert "passfile=" in endpoint and ":@" not in endpoint and "kubernetes:" not in endpoint
    assert "--listen-address=127.0.0.1:2379" in container("kine")["command"]


def test_two_tasks_never_stand_side_by_side_and_nothing_goes_back_by_itself() -> None:
    service = standing()["service"].one("aws:ecs/service:Service")
    assert (service["deploymentMinimumHealthyPercent"], service["deploymentMaximumPercent"]) == (0, 100)
    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": False}
    assert service["desiredCount"] == 1


def test_the_operator_runs_everything_as_tasks_of_this_very_revision() -> None:
    told = {each["name"]: each["value"] for each in container("operator")["environment"]}
    assert told["TRADAI_EXECUTOR"] == "ecs"
    assert told["TRADAI_ECS_TASK_DEFINITION"].endswith("task-definition/tradaihome-runner-prod:1")
    assert told["TRADAI_ECS_PUBLIC_ADDRESSES"] == "true"
    (runner,) = definition("runner")
    assert runner["name"] == "runner" and runner["stopTimeout"] == 120


def test_an_existing_network_is_taken_as_it_is() -> None:
    found = graph(network=EXISTING)
    assert not found["ground"].of("aws:ec2/vpc:Vpc")
    service = found["service"].one("aws:ecs/service:Service")["networkConfiguration"]
    assert service["subnets"] == list(EXISTING.task_subnet_ids)
    assert service["assignPublicIp"] is False
    subnets = found["ground"].one("aws:rds/subnetGroup:SubnetGroup")["subnetIds"]
    assert subnets == list(EXISTING.database_subnet_ids)


@pytest.mark.parametrize("cidr", ["10.0.0.0/24", "10.0.0.0/23", "10.0.0.1/20", "300.0.0.0/20"])
def test_a_range_that_cannot_be_divided_is_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match="write a /20"):
        ranges(cidr)


def test_without_images_nothing_is_declared() -> None:
    with pytest.raises(ValueError, match="controlPlaneImage and operatorImage"):
        render(CONTROL_PLANE, "dev", REGION, {}, "state")


def test_only_named_addresses_reach_the_balancer_and_it_alone_the_task() -> None:
    ground, service = standing()["ground"], standing()["service"]
    (balancer,) = service.of("aws:lb/loadBalancer:LoadBalancer").values()
    assert balancer["internal"] is True and balancer["loadBalancerType"] == "network"
    ingress = {
        name: (rule.get("cidrIpv4"), rule["toPort"])
        for run in (ground, service)
        for name, rule in run.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").items()
    }
    assert ingress == {
        "api-10.0.0.0/8": ("10.0.0.0/8", 443),
        "task-api": (None, 6443),
        "database-task": (None, 5432),
    }


def test_without_clients_there_is_no_balancer_and_nobody_gets_in() -> None:
    service = graph()["service"]
    assert not service.of("aws:lb/loadBalancer:LoadBalancer")
    assert not service.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")


def test_the_alarm_that_it_is_away_takes_silence_for_absence() -> None:
    alarms = standing()["service"].of("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert alarms["control-away"]["treatMissingData"] == "breaching"
    every = {**alarms, **standing()["ground"].of("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert all(each["alarmActions"] for each in every.values()) and len(every) == 5
