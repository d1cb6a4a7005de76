"""update-nat-routes on the local endpoint: launches are held, the function is called, the route follows (002 §1.4)."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.integration.lambda_estate import until
from tests.integration.nat_estate import GROUP, Estate
from tests.integration.provider_server import moto_server


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Estate]:
    with moto_server("--moto-api") as url:
        yield Estate(url)


@pytest.fixture
def estate(endpoint: Estate) -> Iterator[Estate]:
    endpoint.lay_network()
    yield endpoint
    endpoint.forget()


def test_the_first_launch_waits_for_the_function_which_makes_the_route(estate: Estate) -> None:
    estate.put_function()
    estate.launch_group()
    until(lambda: list(estate.instances().values()) == ["InService"])
    (instance,) = estate.instances()
    assert estate.way_out() == instance
    (reservation,) = estate("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    assert reservation["Instances"][0]["SourceDestCheck"] is False
    assert reservation["Instances"][0]["ImageId"].startswith("ami-")


def test_a_dead_instance_is_replaced_and_the_route_moves(estate: Estate) -> None:
    estate.put_function()
    estate.launch_group()
    until(lambda: estate.way_out() is not None and "InService" in estate.instances().values())
    (first,) = estate.instances()
    estate("ec2").terminate_instances(InstanceIds=[first])
    until(lambda: estate.way_out() != first and list(estate.instances().values()) == ["InService"])
    assert list(estate.instances()) == [estate.way_out()]


def test_an_instance_that_the_function_gives_up_is_replaced_by_another(estate: Estate) -> None:
    estate.put_function(table="rtb-00000000")
    estate.launch_group()
    seen = set(estate.instances())
    until(lambda: not seen & set(estate.instances()))
    assert "InService" not in estate.instances().values()


def test_an_instance_that_never_passes_traffic_on_is_given_up_and_the_route_left_alone(estate: Estate) -> None:
    estate.put_function(timeout=20)
    estate.launch_group(well=False)
    seen = set(estate.instances())
    until(lambda: not seen & set(estate.instances()))
    assert estate.way_out() is None


def test_a_launch_that_nobody_hears_of_is_not_held(estate: Estate) -> None:
    estate.launch_group()
    assert list(estate.instances().values()) == ["InService"]


def test_an_action_can_be_completed_once(estate: Estate) -> None:
    estate.launch_group()
    (instance,) = estate.instances()
    with pytest.raises(ClientError, match="No active Lifecycle Action found"):
        estate("autoscaling").complete_lifecycle_action(
            AutoScalingGroupName=GROUP,
            LifecycleHookName="launch",
            InstanceId=instance,
            LifecycleActionResult="CONTINUE",
        )


def test_the_hook_goes_with_its_group(estate: Estate) -> None:
    estate.launch_group()
    hooks = estate("autoscaling").describe_lifecycle_hooks
    assert [hook["LifecycleHookName"] for hook in hooks(AutoScalingGroupName=GROUP)["LifecycleHooks"]] == ["launch"]
    estate("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=GROUP, ForceDelete=True)
    assert hooks(AutoScalingGroupName=GROUP)["LifecycleHooks"] == []


def test_a_template_says_on_demand_which_image_its_parameter_names(estate: Estate) -> None:
    estate.launch_group()
    ask = estate("ec2").describe_launch_template_versions
    (plain,) = ask(LaunchTemplateName=GROUP)["LaunchTemplateVersions"]
    (resolved,) = ask(LaunchTemplateName=GROUP, ResolveAlias=True)["LaunchTemplateVersions"]
    assert plain["LaunchTemplateData"]["ImageId"].startswith("resolve:ssm:")
    assert resolved["LaunchTemplateData"]["ImageId"].startswith("ami-")
