"""The first start of the consolidated instance: the script, and the Compose file in it (001 §6)."""

import base64
import re
import subprocess
from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.unit.iac.compute_runs import container, deployed
from tests.unit.iac.pulumi_mocks import DIGEST
from tests.unit.iac.shell_scripts import complaints
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.consolidated import CONSOLIDATED_INSTANCE
from tradai_blueprints.tradai.config.services import Service
from tradai_blueprints.tradai.layers.compute.ec2_compose import Container, compose_file, memory_of
from tradai_blueprints.tradai.layers.compute.ec2_userdata import LIMIT_BYTES, TEMPLATES, FirstStart, user_data

CONSOLIDATED = ("dev", "staging", "eph-pr1234")
PORTS = {"backend-api": 8000, "data-collection": 8002, "mlflow": 5000, "strategy-service": 8003}
STANDING = [service for service in settings_for("dev").services if service.standing]
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

every_environment = pytest.mark.parametrize("environment", CONSOLIDATED)


def script(environment: str = "dev") -> str:
    return base64.b64decode(deployed(environment).one(TEMPLATE)["userData"]).decode()


def written(path: str, environment: str = "dev") -> str:
    """What the script writes into a file."""
    found = re.search(rf"cat > {re.escape(path)} << '(\w+)'\n(.*?)\n\1\n", script(environment), re.DOTALL)
    assert found, f"the script writes no {path}"
    return found.group(2)


def services(environment: str = "dev") -> dict[str, Any]:
    return dict(yaml.safe_load(written("/opt/tradai/compose.yaml", environment))["services"])


def first_start(**changes: Any) -> FirstStart:
    row = Container(
        service=STANDING[0], host="backend-api.tradai-dev.local", image="a/b@sha256:0", variables={}, log_group="g"
    )
    start = FirstStart(
        region="eu-central-1",
        machine=CONSOLIDATED_INSTANCE,
        containers=[row],
        service_ids=["srv-1"],
        group="g",
        hook="h",
    )
    return replace(start, **changes)


@every_environment
def test_the_script_is_one_that_bash_can_read_and_shellcheck_has_nothing_against(environment: str) -> None:
    subprocess.run(["bash", "-n"], input=script(environment), text=True, check=True)
    assert complaints(script(environment)) == ""


@every_environment
def test_the_script_that_registers_is_sound_as_well(environment: str) -> None:
    assert complaints(written("/opt/tradai/discovery.sh", environment)) == ""


def test_shellcheck_would_say_if_there_was_something() -> None:
    assert "SC2086" in complaints("#!/bin/bash\nrm $1\n")


@every_environment
def test_the_script_fits_into_what_ec2_takes_with_room_for_longer_names(environment: str) -> None:
    assert len(script(environment).encode()) < LIMIT_BYTES - 2048


def test_a_script_that_ec2_would_refuse_is_refused_before() -> None:
    long = replace(first_start().containers[0], variables={"LONG": "x" * LIMIT_BYTES})
    with pytest.raises(ValueError, match=r"the user data of g has \d+ bytes and EC2 takes 16384"):
        user_data(first_start(containers=[long]))


@every_environment
def test_the_four_standing_services_run_on_their_ports_by_digest(environment: str) -> None:
    found = services(environment)
    assert {name: row["ports"] for name, row in found.items()} == {n: [f"{p}:{p}"] for n, p in PORTS.items()}
    assert all(row["image"].endswith(f"@{DIGEST}") for row in found.values())


@pytest.mark.parametrize("service", PORTS)
def test_a_service_is_given_what_its_task_would_be_given(service: str) -> None:
    task, here = container(deployed("dev"), service), services()[service]
    assert here["environment"] == {pair["name"]: pair["value"] for pair in task["environment"]}
    assert here["healthcheck"]["test"] == task["healthCheck"]["command"]
    assert here["logging"]["options"]["awslogs-group"] == task["logConfiguration"]["options"]["awslogs-group"]
    assert here["image"] == task["image"]


def test_services_reach_each_other_by_name_before_they_are_registered() -> None:
    found = services()
    aliases = {alias for row in found.values() for alias in row["networks"]["default"]["aliases"]}
    assert aliases == {f"{service}.tradai-dev.local" for service in PORTS}
    assert found["strategy-service"]["environment"]["MLFLOW_TRACKING_URI"].split("/")[2] in {
        f"{a}:5000" for a in aliases
    }


def test_services_come_back_by_themselves() -> None:
    assert {row["restart"] for row in services().values()} == {"always"}


def test_a_dollar_in_a_value_is_no_variable_of_compose() -> None:
    row = replace(first_start().containers[0], variables={"PRICE": "5$"})
    made = yaml.safe_load(compose_file([row], CONSOLIDATED_INSTANCE, "eu-central-1"))
    assert made["services"]["backend-api"]["environment"] == {"PRICE": "5$$"}


def test_each_service_may_fill_what_its_task_has() -> None:
    made = memory_of(STANDING, CONSOLIDATED_INSTANCE)
    assert {name: row.limit for name, row in made.items()} == {s.name: s.memory_mb for s in STANDING}


def test_what_is_kept_for_the_services_fits_beside_the_system_and_the_rest_into_the_swap() -> None:
    made, row = memory_of(STANDING, CONSOLIDATED_INSTANCE).values(), CONSOLIDATED_INSTANCE
    assert sum(memory.reserved for memory in made) + row.reserved_mb <= row.memory_mb
    assert sum(memory.swap for memory in made) <= row.swap_mb
    assert all(memory.reserved + memory.swap == memory.limit for memory in made)


def test_a_machine_with_memory_for_all_swaps_nothing() -> None:
    large = CONSOLIDATED_INSTANCE.model_copy(update={"memory_mb": 8192})
    assert {memory.swap for memory in memory_of(STANDING, large).values()} == {0}


def test_services_that_the_machine_cannot_hold_are_refused() -> None:
    greedy: list[Service] = [STANDING[0].model_copy(update={"memory_mb": 8192})]
    with pytest.raises(ValueError, match=r"backend-api take 8192 MB together: t3\.small has 1600 MB"):
        memory_of(greedy, CONSOLIDATED_INSTANCE)


def test_no_value_of_a_secret_is_in_it() -> None:
    named = {n: v for row in services().values() for n, v in row["environment"].items() if "SECRET" in n}
    assert named
    assert all(name.endswith("_ARN") and value.startswith("arn:aws:secretsmanager:") for name, value in named.items())


def test_names_are_registered_after_the_services_and_taken_back_before_them() -> None:
    unit = written("/etc/systemd/system/tradai-discovery.service")
    assert "After=tradai-services.service\n" in unit
    assert "ExecStart=/opt/tradai/discovery.sh register\nExecStop=/opt/tradai/discovery.sh deregister\n" in unit


def test_the_launch_ends_when_everything_else_has() -> None:
    steps = [
        "docker login",
        "compose.yaml pull",
        "--now tradai-services",
        "--now tradai-discovery",
        "complete-lifecycle",
    ]
    body = script()[script().index("log_in()") :]
    assert sorted(steps, key=body.index) == steps
    assert body.rstrip().endswith("--lifecycle-action-result CONTINUE")


def test_the_services_are_waited_for_until_they_are_healthy() -> None:
    unit = written("/etc/systemd/system/tradai-services.service")
    assert f"up --detach --wait --wait-timeout {CONSOLIDATED_INSTANCE.healthy_within}\n" in unit


def test_it_prepares_the_host_as_the_image_does() -> None:
    assert script().startswith((TEMPLATES / "prepare_host.sh").read_text())
