"""The instance's own script in Service Discovery, run as it is written, against the local endpoint (001 §6)."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.integration.aws_command import put_on_path
from tests.integration.provider_server import moto_server
from tradai_blueprints.tradai.layers.compute.ec2_userdata import TEMPLATES
from tradai_iac.core.shell_templates import render

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
NAMES = ("backend-api", "mlflow")
#: Answers as an instance's metadata do: with a token alone.
CURL = """#!/bin/bash
case "$*" in
  *"--request PUT"*"/api/token") echo token ;;
  *"X-aws-ec2-metadata-token: token"*"/meta-data/local-ipv4") echo "$ADDRESS" ;;
  *) exit 22 ;;
esac
"""


@dataclass
class Discovery:
    """The namespace at an endpoint, and an instance's script for it."""

    client: Any
    script: Path
    environment: Mapping[str, str]

    def say(self, word: str, address: str) -> subprocess.CompletedProcess[str]:
        """Runs the script on an instance that has this address."""
        command = ["bash", str(self.script), word]
        env = {**self.environment, "ADDRESS": address}
        return subprocess.run(command, env=env, text=True, capture_output=True, check=False, timeout=120)

    def found(self) -> dict[str, list[str]]:
        """Service → the addresses at which it is discovered."""
        ask = self.client.discover_instances
        answers = {name: ask(NamespaceName="tradai-dev.local", ServiceName=name)["Instances"] for name in NAMES}
        return {name: [i["Attributes"]["AWS_INSTANCE_IPV4"] for i in instances] for name, instances in answers.items()}


def everywhere(*addresses: str) -> dict[str, list[str]]:
    """What is found where every service is at these addresses."""
    return {name: list(addresses) for name in NAMES}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(scope="module")
def entries(endpoint: str) -> tuple[Any, list[str]]:
    """A client, and the ids of the services' entries."""
    session: Any = boto3.Session("sandbox", "sandbox", region_name=REGION)
    plain = Config(inject_host_prefix=False)
    client = session.client("servicediscovery", endpoint_url=endpoint, config=plain)
    vpc = session.client("ec2", endpoint_url=endpoint).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    client.create_private_dns_namespace(Name="tradai-dev.local", Vpc=vpc)
    (namespace,) = client.list_namespaces()["Namespaces"]
    dns = {"NamespaceId": namespace["Id"], "DnsRecords": [{"Type": "A", "TTL": 10}]}
    return client, [client.create_service(Name=name, DnsConfig=dns)["Service"]["Id"] for name in NAMES]


def written(folder: Path, endpoint: str, client: Any, service_ids: list[str]) -> Discovery:
    put_on_path(folder, ROOT)
    (folder / "curl").write_text(CURL)
    (folder / "curl").chmod(0o755)
    script = folder / "discovery.sh"
    text = render(TEMPLATES / "discovery.sh.j2", region=REGION, instance_name="tradai-x-dev", service_ids=service_ids)
    script.write_text(text)
    environment = {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
    }
    return Discovery(client, script, environment)


@pytest.fixture
def discovery(tmp_path: Path, endpoint: str, entries: tuple[Any, list[str]]) -> Iterator[Discovery]:
    client, ids = entries
    yield written(tmp_path, endpoint, client, ids)
    for service in ids:
        for instance in client.list_instances(ServiceId=service)["Instances"]:
            client.deregister_instance(ServiceId=service, InstanceId=instance["Id"])


def test_what_runs_on_the_instance_is_discovered_at_its_address(discovery: Discovery) -> None:
    done = discovery.say("register", "10.0.11.7")
    assert (done.returncode, done.stderr) == (0, "")
    assert discovery.found() == everywhere("10.0.11.7")


def test_a_new_instance_takes_the_place_of_one_that_died_without_a_word(discovery: Discovery) -> None:
    discovery.say("register", "10.0.11.7")
    discovery.say("register", "10.0.12.9")
    assert discovery.found() == everywhere("10.0.12.9")


def test_an_instance_that_goes_takes_its_names_back(discovery: Discovery) -> None:
    discovery.say("register", "10.0.11.7")
    done = discovery.say("deregister", "10.0.11.7")
    assert (done.returncode, done.stderr) == (0, "")
    assert discovery.found() == everywhere()


def test_an_instance_that_goes_late_leaves_its_successors_names(discovery: Discovery) -> None:
    discovery.say("register", "10.0.11.7")
    discovery.say("register", "10.0.12.9")
    assert discovery.say("deregister", "10.0.11.7").returncode == 0
    assert discovery.found() == everywhere("10.0.12.9")


def test_an_instance_that_was_never_registered_goes_without_an_error(discovery: Discovery) -> None:
    assert discovery.say("deregister", "10.0.11.7").returncode == 0


def test_a_service_that_there_is_not_fails_the_start(
    tmp_path: Path, endpoint: str, entries: tuple[Any, list[str]]
) -> None:
    done = written(tmp_path, endpoint, entries[0], ["srv-none"]).say("register", "10.0.11.7")
    assert done.returncode != 0
    assert "ServiceNotFound" in done.stderr


def test_a_word_that_it_does_not_know_changes_nothing(discovery: Discovery) -> None:
    done = discovery.say("forget", "10.0.11.7")
    assert done.returncode == 2
    assert "register|deregister" in done.stderr
    assert discovery.found() == everywhere()
