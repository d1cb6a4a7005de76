"""The consolidated instance: where it is, what it is launched from, and what it may do (001 §6, 002 §10)."""

import pytest

from tests.unit.iac.compute_runs import configured, deployed, recorded, statements
from tests.unit.iac.upstream_outputs import arn
from tradai_blueprints.tradai.config.consolidated import CONSOLIDATED_INSTANCE
from tradai_iac.core.ami_lookup import get_latest_al2023_ami

CONSOLIDATED = ("dev", "staging", "eph-pr1234")
FOUR = ["backend-api", "data-collection", "mlflow", "strategy-service"]
GROUP = "aws:autoscaling/group:Group"
HOOK = "aws:autoscaling/lifecycleHook:LifecycleHook"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TARGETS = "aws:lb/targetGroup:TargetGroup"
PARAMETER = {"consolidatedImageParameter": "/tradai/ami/consolidated"}


def granted() -> dict[str, set[str]]:
    """Action → the resources that the instance may do it to."""
    found: dict[str, set[str]] = {}
    for statement in statements(deployed("dev"), "consolidated"):
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            found.setdefault(action, set()).update(statement["Resource"])
    return found


@pytest.mark.parametrize("environment", CONSOLIDATED)
def test_one_instance_stands_in_the_private_subnets(environment: str) -> None:
    group = deployed(environment).one(GROUP)
    assert (group["minSize"], group["maxSize"], group["desiredCapacity"]) == (1, 1, 1)
    assert group["vpcZoneIdentifiers"] == ["subnet-private-1", "subnet-private-2"]
    assert deployed(environment).outputs["consolidated_asg_name"] == f"tradai-consolidated-{environment}"


def test_prod_has_no_such_instance() -> None:
    made = deployed("prod")
    assert made.of(GROUP) == made.of(TEMPLATE) == {}
    assert made.outputs["consolidated_asg_name"] is made.outputs["consolidated_instance_role_arn"] is None


@pytest.mark.parametrize("environment", CONSOLIDATED)
def test_it_is_the_machine_of_the_documents(environment: str) -> None:
    template = deployed(environment).one(TEMPLATE)
    (disk,) = template["blockDeviceMappings"]
    assert template["instanceType"] == "t3.small"
    assert disk["ebs"] == {"encrypted": "true", "volumeType": "gp3", "volumeSize": 30, "deleteOnTermination": "true"}


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_the_latest_image_of_an_architecture_is_left_to_the_launch(architecture: str) -> None:
    image = get_latest_al2023_ami(architecture)  # type: ignore[arg-type]
    assert image == f"resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"


def test_it_is_launched_from_the_latest_amazon_linux_for_intel() -> None:
    assert deployed("dev").one(TEMPLATE)["imageId"] == get_latest_al2023_ami("x86_64")


def test_it_is_launched_from_an_image_of_ones_own_where_a_parameter_names_one() -> None:
    assert configured("dev", PARAMETER).one(TEMPLATE)["imageId"] == "resolve:ssm:/tradai/ami/consolidated"


def test_an_image_for_an_instance_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="consolidatedImageParameter has no meaning in prod"):
        configured("prod", PARAMETER)


def test_an_instance_without_its_security_group_is_refused() -> None:
    with pytest.raises(ValueError, match="leave consolidatedSecurityGroup of the foundation layer out"):
        configured("dev", {}, consolidated_security_group_id=None)


def test_it_has_its_own_security_group_and_no_public_address() -> None:
    (interface,) = deployed("dev").one(TEMPLATE)["networkInterfaces"]
    assert interface["securityGroups"] == ["sg-consolidated"]
    assert interface["associatePublicIpAddress"] == "false"


def test_containers_reach_the_credentials_of_the_role_by_session_tokens_alone() -> None:
    assert deployed("dev").one(TEMPLATE)["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 2,
    }


def test_it_is_a_target_of_all_four_services_and_replaced_where_one_is_unwell() -> None:
    made = deployed("dev")
    group = made.one(GROUP)
    assert group["targetGroupArns"] == [made.outputs["target_group_arns"][service] for service in FOUR]
    assert {found["targetType"] for found in made.of(TARGETS).values()} == {"instance"}
    assert (group["healthCheckType"], group["healthCheckGracePeriod"]) == ("ELB", 120)


def test_without_load_balancer_ec2_alone_says_how_it_is() -> None:
    group = configured("dev", {"skipAlb": True}).one(GROUP)
    assert (group["targetGroupArns"], group["healthCheckType"]) == ([], "EC2")


def test_a_new_template_replaces_the_instance() -> None:
    group = deployed("dev").one(GROUP)
    assert group["launchTemplate"] == {"id": "consolidated-id", "version": "1"}
    assert group["instanceRefresh"] == {"strategy": "Rolling", "preferences": {"minHealthyPercentage": 0}}


def test_the_hook_holds_the_first_launch_and_every_later_one() -> None:
    made = deployed("dev")
    (first,) = made.one(GROUP)["initialLifecycleHooks"]
    later = dict(made.one(HOOK))
    assert later.pop("autoscalingGroupName") == made.one(GROUP)["name"]
    assert first == later
    assert first["defaultResult"] == "ABANDON"


def test_a_deployment_says_that_services_do_not_come_up_before_the_launch_is_given_up() -> None:
    row = CONSOLIDATED_INSTANCE
    assert row.healthy_within < row.capacity_timeout < row.launch_timeout
    assert deployed("dev").one(GROUP)["waitForCapacityTimeout"] == f"{row.capacity_timeout}s"


def test_what_a_launch_makes_beside_the_instance_carries_the_required_tags() -> None:
    specifications = deployed("dev").one(TEMPLATE)["tagSpecifications"]
    assert {s["resourceType"] for s in specifications} == {"volume", "network-interface"}
    for specification in specifications:
        assert {"Application", "Environment", "ManagedBy", "CostCenter", "Owner"} == set(specification["tags"])


def test_instances_alone_act_as_the_role() -> None:
    role = recorded(deployed("dev"), "aws:iam/role:Role", "consolidated")
    assert '"Service": ["ec2.amazonaws.com"]' in role.inputs["assumeRolePolicy"]
    assert deployed("dev").one("aws:iam/instanceProfile:InstanceProfile")["role"] == role.inputs["name"]


def test_it_pulls_the_images_of_its_four_services_alone() -> None:
    images = ("backend", "data-collection", "mlflow", "strategy-service")
    assert granted()["ecr:BatchGetImage"] == {arn("ecr", f"repository/tradai/{image}-dev") for image in images}


def test_it_may_do_what_its_four_services_need_together() -> None:
    may = granted()
    assert arn("dynamodb", "table/tradai-workflow-state-dev") in may["dynamodb:PutItem"]
    assert may["secretsmanager:GetSecretValue"] >= {
        arn("secretsmanager", "secret:tradai/binance-api-dev"),
        arn("secretsmanager", "secret:rds!db-1"),
    }
    assert may["sqs:SendMessage"] == {arn("sqs", "tradai-backtest-queue-dev.fifo")}
    assert "sqs:ReceiveMessage" not in may


def test_it_registers_its_four_services_alone() -> None:
    entries = {arn("servicediscovery", f"service/{service}-id") for service in FOUR}
    assert granted()["servicediscovery:RegisterInstance"] == entries
    assert granted()["servicediscovery:DeregisterInstance"] == entries
    zone = {"arn:aws:route53:::hostedzone/namespace-zone"}
    assert granted()["route53:ChangeResourceRecordSets"] == granted()["route53:GetHostedZone"] == zone
    assert granted()["route53:ListHostedZonesByName"] == {"*"}


def test_it_looks_at_no_entries_but_its_own() -> None:
    (look,) = [s for s in statements(deployed("dev"), "consolidated") if "servicediscovery:GetInstance" in s["Action"]]
    assert set(look["Condition"]["ArnEquals"]["servicediscovery:ServiceArn"]) == {
        arn("servicediscovery", f"service/{service}-id") for service in FOUR
    }


def test_it_ends_the_hook_of_its_own_group_alone() -> None:
    assert granted()["autoscaling:CompleteLifecycleAction"] == {
        "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/tradai-consolidated-dev"
    }


def test_session_manager_opens_no_parameters() -> None:
    assert {action for action in granted() if action.startswith("ssm:")} == {"ssm:UpdateInstanceInformation"}


@pytest.mark.parametrize("environment", CONSOLIDATED)
def test_the_rights_fit_into_what_a_role_takes(environment: str) -> None:
    policy = deployed(environment).of("aws:iam/rolePolicy:RolePolicy")["consolidated"]["policy"]
    assert len("".join(policy.split())) <= 10240
