"""The NAT instance, its rights and its failover (002 §1.4, §7)."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import jinja2
import pytest

from tests.unit.iac.foundation_runs import ENVIRONMENTS, deployed
from tradai_iac.core.lambda_sources import SOURCES, archive, handler_of
from tradai_iac.core.shell_templates import render

GROUP = "aws:autoscaling/group:Group"
HOOK = "aws:autoscaling/lifecycleHook:LifecycleHook"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
EC2 = "arn:aws:ec2:eu-central-1:123456789012:"


def user_data() -> str:
    return base64.b64decode(deployed("dev").one(TEMPLATE)["userData"]).decode()


def grants(role: str) -> dict[str, set[str]]:
    """Action → the resources it is allowed on."""
    document = json.loads(deployed("dev").of("aws:iam/rolePolicy:RolePolicy")[role]["policy"])
    granted: dict[str, set[str]] = {}
    for statement in document["Statement"]:
        for action in statement["Action"]:
            granted.setdefault(action, set()).update(statement["Resource"])
    return granted


def test_one_instance_stands_in_public_1() -> None:
    group = deployed("dev").one(GROUP)
    assert (group["minSize"], group["maxSize"], group["desiredCapacity"]) == (1, 1, 1)
    assert group["vpcZoneIdentifiers"] == ["public-1-id"]
    assert group["healthCheckType"] == "EC2"


def test_the_instance_is_a_nano_with_the_latest_amazon_linux_for_arm() -> None:
    template = deployed("dev").one(TEMPLATE)
    assert template["instanceType"] == "t4g.nano"
    assert template["imageId"].startswith("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-")
    assert template["imageId"].endswith("-arm64")


def test_the_instance_asks_for_session_tokens_and_keeps_its_disk_encrypted() -> None:
    template = deployed("dev").one(TEMPLATE)
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"


def test_a_new_template_replaces_the_instance() -> None:
    group = deployed("dev").one(GROUP)
    assert group["launchTemplate"] == {"id": "nat-id", "version": "1"}
    assert group["instanceRefresh"]["preferences"]["minHealthyPercentage"] == 0


def test_the_hook_holds_the_first_launch_and_every_later_one() -> None:
    run = deployed("dev")
    (first,) = run.one(GROUP)["initialLifecycleHooks"]
    later = dict(run.one(HOOK))
    assert later.pop("autoscalingGroupName") == run.one(GROUP)["name"]
    assert first == later
    assert later["lifecycleTransition"] == "autoscaling:EC2_INSTANCE_LAUNCHING"
    assert later["defaultResult"] == "ABANDON"


def test_the_hook_waits_longer_than_the_function_may_run() -> None:
    run = deployed("dev")
    assert run.one(HOOK)["heartbeatTimeout"] > run.one("aws:lambda/function:Function")["timeout"]


def test_the_instance_carries_its_tags_from_launch_on() -> None:
    tags = {tag["key"]: tag for tag in deployed("dev").one(GROUP)["tags"]}
    assert tags["Name"]["value"] == "tradai-nat-dev"
    assert {"Application", "Environment", "ManagedBy", "CostCenter", "Owner"} <= set(tags)
    assert all(tag["propagateAtLaunch"] for tag in tags.values())


def test_what_a_launch_makes_beside_the_instance_carries_the_required_tags() -> None:
    specifications = deployed("dev").one(TEMPLATE)["tagSpecifications"]
    assert {s["resourceType"] for s in specifications} == {"volume", "network-interface"}
    for specification in specifications:
        assert {"Application", "Environment", "ManagedBy", "CostCenter", "Owner"} == set(specification["tags"])


def test_the_user_data_is_a_script_that_bash_can_read() -> None:
    script = user_data()
    assert script.startswith("#!/bin/bash\n")
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    "part",
    [
        "net.ipv4.ip_forward = 1",
        "--jump MASQUERADE",
        "associate-address",
        "--no-source-dest-check",
        "ALLOCATION_ID=nat-id",
        "VPC_CIDR=10.0.0.0/16",
        "REGION=eu-central-1",
    ],
)
def test_the_user_data_does_what_section_1_4_lists(part: str) -> None:
    assert part in user_data()


#: What the script calls → what stands in for it beside taking down that it was called.
STAND_INS = {
    "curl": "echo i-0123456789",
    "ip": "echo default via 10.0.1.1 dev ens5",
    **dict.fromkeys(("aws", "dd", "dnf", "mkswap", "swapon", "chmod", "sysctl", "systemctl", "iptables", "sleep"), ""),
    "iptables-save": "echo '*nat'",
}


def started(tmp_path: Path, **broken: str) -> tuple[int, list[str]]:
    """Exit status of the user data and the commands that it called, on a machine of which only bash is real."""
    calls, commands, etc = tmp_path / "calls", tmp_path / "bin", tmp_path / "etc"
    for folder in (commands, etc / "sysctl.d", etc / "sysconfig"):
        folder.mkdir(parents=True)
    for name, says in {**STAND_INS, **broken}.items():
        command = commands / name
        command.write_text(f'#!/bin/bash\necho "{name} $*" >> {calls}\n{says}\n')
        command.chmod(0o755)
    script = user_data().replace("/etc/", f"{etc}/")
    environment = {"PATH": f"{commands}:/usr/bin:/bin"}
    ended = subprocess.run(["bash"], input=script, text=True, env=environment, capture_output=True, check=False)
    return ended.returncode, calls.read_text().splitlines()


def test_memory_is_made_before_packages_come_and_the_address_is_taken_over_last(tmp_path: Path) -> None:
    status, calls = started(tmp_path)
    assert status == 0
    order = [next(i for i, call in enumerate(calls) if call.startswith(name)) for name in ("swapon", "dnf", "iptables")]
    assert order == sorted(order)
    assert calls[-1].startswith("aws ec2 associate-address")
    assert "swap" in (tmp_path / "etc" / "fstab").read_text()


@pytest.mark.parametrize("broken", ["dd", "mkswap", "swapon", "dnf", "systemctl", "sysctl", "iptables"])
def test_an_instance_that_cannot_pass_traffic_on_takes_no_address_over(broken: str, tmp_path: Path) -> None:
    status, calls = started(tmp_path, **{broken: "exit 1"})
    assert status != 0
    assert not any(call.startswith("aws ec2 associate-address") for call in calls)


def test_a_template_that_lacks_a_value_fails(tmp_path: Path) -> None:
    template = tmp_path / "a.sh.j2"
    template.write_text("echo {{ missing }}\n")
    with pytest.raises(jinja2.UndefinedError, match="missing"):
        render(template)


def test_a_value_stays_one_word_of_the_shell(tmp_path: Path) -> None:
    template = tmp_path / "a.sh.j2"
    template.write_text("printf %s {{ value | quote }}")
    script = render(template, value="a b; $(echo c) 'd'")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "a b; $(echo c) 'd'"


def test_the_instance_has_the_two_rights_of_section_1_4_and_no_other() -> None:
    assert grants("nat-instance") == {
        "ec2:AssociateAddress": {f"{EC2}elastic-ip/nat-id", f"{EC2}network-interface/*", f"{EC2}instance/*"},
        "ec2:ModifyInstanceAttribute": {f"{EC2}instance/*"},
    }


def test_the_function_has_the_rights_of_section_1_4_and_those_that_its_code_calls() -> None:
    granted = grants("update-nat-routes")
    assert granted["ec2:CreateRoute"] == granted["ec2:ReplaceRoute"] == {f"{EC2}route-table/private-id"}
    assert granted["autoscaling:CompleteLifecycleAction"] == {
        "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/tradai-nat-dev"
    }
    assert set(granted) == {
        "ec2:CreateRoute",
        "ec2:ReplaceRoute",
        "autoscaling:CompleteLifecycleAction",
        "ec2:DescribeAddresses",
        "ec2:DescribeInstances",
        "ec2:DescribeRouteTables",
        "ec2:ModifyInstanceAttribute",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }


@pytest.mark.parametrize("role", ["nat-instance", "update-nat-routes"])
def test_rights_on_instances_end_at_those_of_the_group(role: str) -> None:
    document = json.loads(deployed("dev").of("aws:iam/rolePolicy:RolePolicy")[role]["policy"])
    on_instances = [s for s in document["Statement"] if f"{EC2}instance/*" in s["Resource"]]
    assert on_instances
    for statement in on_instances:
        assert statement["Condition"] == {"StringEquals": {"ec2:ResourceTag/Name": "tradai-nat-dev"}}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_function_is_as_section_7_lists_it(environment: str) -> None:
    function = deployed(environment).one("aws:lambda/function:Function")
    assert function["name"] == f"tradai-update-nat-routes-{environment}"
    assert (function["runtime"], function["memorySize"], function["timeout"]) == ("python3.11", 128, 120)
    assert "vpcConfig" not in function
    variables = {"ROUTE_TABLE_ID": "private-id", "ALLOCATION_ID": "nat-id"}
    assert function["environment"] == {"variables": variables}
    assert function["loggingConfig"]["logGroup"] == f"tradai-update-nat-routes-{environment}"


def test_the_handler_is_code_that_exists() -> None:
    module, _, name = handler_of("update-nat-routes").rpartition(".")
    source = SOURCES.joinpath(*module.split(".")).with_suffix(".py")
    assert f"def {name}(" in source.read_text()


def test_the_archive_has_the_sources_and_no_leavings() -> None:
    assert set(archive("update-nat-routes").assets) == {
        f"update_nat_routes/{name}.py" for name in ("__init__", "handler", "logic")
    }


def test_a_function_without_sources_cannot_be_packed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no source of update-nat-routes"):
        archive("update-nat-routes", tmp_path)


def test_a_held_launch_of_the_group_calls_the_function() -> None:
    run = deployed("dev")
    pattern: dict[str, Any] = json.loads(run.of(RULE)["nat-launch"]["eventPattern"])
    assert pattern == {
        "source": ["aws.autoscaling"],
        "detail-type": ["EC2 Instance-launch Lifecycle Action"],
        "detail": {"AutoScalingGroupName": [run.one(GROUP)["name"]]},
    }
    assert "function:" in run.of(TARGET)["nat-launch"]["arn"] or "lambda" in run.of(TARGET)["nat-launch"]["arn"]
    permission = run.one("aws:lambda/permission:Permission")
    assert permission["principal"] == "events.amazonaws.com"
    assert permission["sourceArn"].endswith("tradai-nat-launch-dev")


def test_whoever_answers_the_hook_stands_before_the_group() -> None:
    names = [(r.type, r.name) for r in deployed("dev")]
    group = names.index((GROUP, "nat"))
    for earlier in ("aws:lambda/permission:Permission", TARGET, "aws:ec2/route:Route"):
        assert max(i for i, (type_, n) in enumerate(names) if type_ == earlier and n != "rds-rotation") < group
