"""The control plane: what each container is told, who reaches whom, what its roles may, and that nothing is lost."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import Session

from tests.facts import handlers
from tests.unit.iac.calls_of_ours import BY_THE_ENGINE, DEPLOY_ROLE, ON_THE_STATE, STATE_KEY, STATES
from tests.unit.iac.handlers_rights import UNWANTED
from tests.unit.iac.pulumi_mocks import REGION, Run
from tests.unit.iac.whole_graph import taggable
from tradai_blueprints.control_plane.config import GroundConfig, Network, Served, ServiceConfig
from tradai_blueprints.control_plane.declaration import CONTROL_PLANE
from tradai_blueprints.control_plane.layers.ground.network import ranges
from tradai_blueprints.control_plane.layers.service.roles import repository_arn
from tradai_iac.account_script import bootstrap_text
from tradai_iac.accounts import Account, bootstrap_policy, managed_policies
from tradai_iac.blueprints import BLUEPRINTS, BUILDABLE
from tradai_iac.iam.calls import Request, rights_of
from tradai_iac.iam.evaluate import Call, decide
from tradai_iac.iam.faults import faults
from tradai_iac.iam.patterns import fits
from tradai_iac.iam.policies import Statement, statements
from tradai_iac.rendering import render
from tradai_iac.tags import URN_TAG
from tradai_operator.model import crd

ENVIRONMENTS = ("dev", "staging", "prod", "eph-pr123456")
ACCOUNT = "123456789012"
DIGEST = "@sha256:" + "0" * 64
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGES = {"control_plane_image": f"{ECR}/home/control-plane{DIGEST}", "operator_image": f"{ECR}/home/operator{DIGEST}"}
SERVED = Served(deploy_role_arn=DEPLOY_ROLE, state_bucket=STATES, state_key_arn=STATE_KEY)
FOUR = ("kine", "kube-apiserver", "kube-controller-manager", "operator")
TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/tradaihome-cluster-prod/0123456789abcdef"
EXISTING = Network(
    vpc_id="vpc-0123456789abcdef0",
    task_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    database_subnet_ids=["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
)


def graph(environment: str = "prod", *, clients: tuple[str, ...] = (), **ground: Any) -> dict[str, Run]:
    configs = {
        "ground": GroundConfig(**ground),
        "service": ServiceConfig(**IMAGES, environments=[SERVED], client_cidrs=list(clients)),
    }
    return render(CONTROL_PLANE, environment, REGION, configs, "state")


@cache
def standing() -> Mapping[str, Run]:
    return graph(clients=("10.0.0.0/8",))


def definition(name: str) -> list[dict[str, Any]]:
    found = standing()["service"].of("aws:ecs/taskDefinition:TaskDefinition")[name]
    parsed: list[dict[str, Any]] = json.loads(found["containerDefinitions"])
    return parsed


def container(name: str) -> dict[str, Any]:
    return next(each for each in definition("control") if each["name"] == name)


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


def policy_of(role: str) -> tuple[Statement, ...]:
    text = standing()["service"].of("aws:iam/rolePolicy:RolePolicy")[role]["policy"]
    return statements(json.loads(text))


@cache
def model(service: str) -> Any:
    return Session().get_service_model(service)


def asked(service: str, method: str, params: Mapping[str, Any]) -> list[Call]:
    operation = next(name for name in model(service).operation_names if xform_name(name) == method)
    return rights_of(Request(service, operation, params, ACCOUNT, REGION))


CLUSTER = {"ecs:cluster": [f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/tradaihome-cluster-prod"]}
PASSED = {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}
HANDED = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tradai-run-0123456789abcdef01234567-AbCdEf"
AUTHORITY = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tradaihome/authority-prod-AbCdEf"
RUNNER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/tradaihome-runner-prod:1"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/tradaihome-"

#: What the operator asks by itself (its host of tasks, its init step), call by call.
OPERATOR = (
    Call("secretsmanager:CreateSecret", HANDED),
    Call("secretsmanager:TagResource", HANDED),
    Call("secretsmanager:DeleteSecret", HANDED),
    Call("secretsmanager:ListSecrets"),
    Call("ecs:RunTask", RUNNER, CLUSTER),
    Call("ecs:TagResource", TASK),
    Call("ecs:ListTasks", context=CLUSTER),
    Call("ecs:DescribeTasks", TASK),
    Call("ecs:StopTask", TASK),
    Call("iam:PassRole", f"{ROLES}runner-prod", PASSED),
    Call("iam:PassRole", f"{ROLES}execution-prod", PASSED),
    Call("secretsmanager:GetSecretValue", AUTHORITY),
    Call("secretsmanager:DescribeSecret", AUTHORITY),
    Call("secretsmanager:PutSecretValue", AUTHORITY),
    Call("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!database"),
    Call("ssmmessages:CreateControlChannel"),
)
REFUSED = (
    Call("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tradai/jwt-secret-prod-x"),
    Call("secretsmanager:DeleteSecret", AUTHORITY),
    Call("ecs:RunTask", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/other:1", CLUSTER),
    Call("ecs:StopTask", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/another/0123"),
    Call("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", PASSED),
    Call("iam:PassRole", f"{ROLES}runner-prod", {"iam:PassedToService": ["lambda.amazonaws.com"]}),
    Call("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
    Call("s3:GetObject", "arn:aws:s3:::somebody-elses/state.json"),
)


@pytest.mark.parametrize("call", OPERATOR, ids=str)
def test_the_operator_may_what_it_asks(call: Call) -> None:
    assert decide(policy_of("operator"), call).allowed


@pytest.mark.parametrize("call", REFUSED, ids=str)
@pytest.mark.parametrize("role", ["operator", "runner"])
def test_neither_operator_nor_run_may_more(role: str, call: Call) -> None:
    assert not decide(policy_of(role), call).allowed


@pytest.mark.parametrize("role", ["operator", "runner"])
@pytest.mark.parametrize("row", [*ON_THE_STATE, *BY_THE_ENGINE], ids=lambda row: f"{row[0]}.{row[1]}")
def test_both_reach_the_states_and_the_role_of_an_environment(role: str, row: tuple[str, str, dict[str, Any]]) -> None:
    assert all(decide(policy_of(role), call).allowed for call in asked(*row))


def test_a_run_reads_what_it_is_handed_and_starts_nothing() -> None:
    policy = policy_of("runner")
    assert decide(policy, Call("secretsmanager:GetSecretValue", HANDED)).allowed
    assert decide(policy, Call("secretsmanager:DeleteSecret", HANDED)).allowed
    assert not any(decide(policy, call).allowed for call in OPERATOR if call.action.startswith(("ecs:", "iam:")))
    assert not decide(policy, Call("secretsmanager:GetSecretValue", AUTHORITY)).allowed


def test_whoever_starts_the_tasks_may_pull_their_images_and_no_other() -> None:
    policy = policy_of("execution")
    ours = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/home/"
    assert all(decide(policy, Call("ecr:BatchGetImage", ours + name)).allowed for name in ("operator", "control-plane"))
    assert not decide(policy, Call("ecr:BatchGetImage", ours + "other")).allowed


@pytest.mark.parametrize("role", ["execution", "operator", "runner"])
def test_every_right_is_one_that_aws_knows_on_what_it_is_granted(role: str) -> None:
    assert [str(fault) for fault in faults(policy_of(role))] == []


@pytest.mark.parametrize(
    ("image", "arn"),
    [
        (f"{ECR}/a/b{DIGEST}", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/a/b"),
        (f"{ECR}/a:1.0{DIGEST}", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/a"),
        (f"registry.example.com/a/b{DIGEST}", None),
    ],
)
def test_an_image_in_ecr_tells_its_repository(image: str, arn: str | None) -> None:
    assert repository_arn(image) == arn


def account(environment: str) -> Account:
    return Account(account_id=ACCOUNT, region=REGION, environment=environment, blueprint=CONTROL_PLANE.name)


def test_the_deploying_role_has_rights_that_aws_knows_in_pieces_that_iam_takes() -> None:
    for environment in ("dev", "prod"):
        assert [str(fault) for fault in faults(statements(bootstrap_policy(account(environment))))] == []
        pieces = managed_policies(account(environment)).values()
        assert all(len(json.dumps(piece, separators=(",", ":"))) <= 6144 for piece in pieces)


def test_where_data_is_kept_the_authority_cannot_be_deleted() -> None:
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tradaihome/authority-{{}}-AbCdEf"
    for environment, may in (("dev", True), ("prod", False)):
        policy = statements(bootstrap_policy(account(environment)))
        assert decide(policy, Call("secretsmanager:DeleteSecret", secret.format(environment))).allowed is may


#: What AWS's handlers ask beside that, and why it is not given here.
NOT_HERE = {
    "cognito-idp:DescribeUserPoolClient": "no listener here asks anybody to log in",
    "ec2:DescribeInstances": "no instance is in a group here",
    "logs:CreateLogDelivery": "tasks write their logs by themselves",
    "logs:DescribeResourcePolicies": "tasks write their logs by themselves",
    "logs:PutResourcePolicy": "tasks write their logs by themselves",
    "secretsmanager:GetSecretValue": "what is in the authority's secret is the init step's alone",
}


def lacking(types: set[str]) -> set[str]:
    """What AWS's own handlers of these types ask, and the role does not give."""
    policy = statements(bootstrap_policy(account("dev")))
    granted = [action.lower() for statement in policy if statement.allows for action in statement.actions]
    needed = {right for type_ in types for right in handlers()[type_].all_rights}
    return {right for right in needed if not any(fits(pattern, right.lower()) for pattern in granted)}


def test_the_deploying_role_has_every_right_that_the_handlers_need() -> None:
    types = {each.type for run in standing().values() for each in run.resources if each.type.startswith("aws:")}
    assert lacking(types) - UNWANTED.keys() == NOT_HERE.keys()


def test_an_account_is_prepared_for_it_by_the_same_script() -> None:
    text = bootstrap_text(account("prod"), "home/prod")
    assert "tradaihome-pulumi-state-prod" in text and "tradaihome-deploy-prod" in text
