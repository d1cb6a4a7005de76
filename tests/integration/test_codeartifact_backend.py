"""CodeArtifact, which moto lacks, answers as its service model says."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.integration.conftest import RunningSandbox

DOMAIN = "codeartifact-test"


@pytest.fixture
def client(sandbox: RunningSandbox) -> Iterator[Any]:
    client = boto3.client(
        "codeartifact",
        "eu-central-1",
        endpoint_url=sandbox.endpoint,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
    )
    yield client
    for repository in client.list_repositories()["repositories"]:
        client.delete_repository(domain=repository["domainName"], repository=repository["name"])
    for domain in client.list_domains()["domains"]:
        client.delete_domain(domain=domain["name"])


def _tags(client: Any, arn: str) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in client.list_tags_for_resource(resourceArn=arn)["tags"]}


def test_a_domain_reads_back_as_it_was_created(client: Any) -> None:
    created = client.create_domain(domain=DOMAIN, tags=[{"key": "Project", "value": "tradai"}])["domain"]
    assert created["arn"] == f"arn:aws:codeartifact:eu-central-1:123456789012:domain/{DOMAIN}"
    assert created["status"] == "Active"
    assert client.describe_domain(domain=DOMAIN)["domain"] == created
    assert _tags(client, created["arn"]) == {"Project": "tradai"}


def test_a_repository_reads_back_with_its_upstreams_and_endpoint(client: Any) -> None:
    client.create_domain(domain=DOMAIN)
    client.create_repository(domain=DOMAIN, repository="public")
    client.create_repository(
        domain=DOMAIN, repository="libs", description="ours", upstreams=[{"repositoryName": "public"}]
    )
    found = client.describe_repository(domain=DOMAIN, repository="libs")["repository"]
    assert (found["description"], found["upstreams"]) == ("ours", [{"repositoryName": "public"}])
    endpoint = client.get_repository_endpoint(domain=DOMAIN, repository="libs", format="pypi")["repositoryEndpoint"]
    assert endpoint == f"https://{DOMAIN}-123456789012.d.codeartifact.eu-central-1.amazonaws.com/pypi/libs/"
    assert client.describe_domain(domain=DOMAIN)["domain"]["repositoryCount"] == 2


def test_an_update_changes_what_is_given_and_nothing_else(client: Any) -> None:
    client.create_domain(domain=DOMAIN)
    client.create_repository(domain=DOMAIN, repository="public")
    client.create_repository(domain=DOMAIN, repository="libs", description="ours")
    client.update_repository(domain=DOMAIN, repository="libs", upstreams=[{"repositoryName": "public"}])
    found = client.describe_repository(domain=DOMAIN, repository="libs")["repository"]
    assert (found["description"], found["upstreams"]) == ("ours", [{"repositoryName": "public"}])


def test_tags_come_and_go(client: Any) -> None:
    arn = client.create_domain(domain=DOMAIN, tags=[{"key": "a", "value": "1"}])["domain"]["arn"]
    client.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}])
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert _tags(client, arn) == {"b": "2"}


def test_repositories_are_listed_by_domain_and_prefix(client: Any) -> None:
    client.create_domain(domain=DOMAIN)
    for name in ("libs", "libs-old", "public"):
        client.create_repository(domain=DOMAIN, repository=name)
    listed = client.list_repositories_in_domain(domain=DOMAIN, repositoryPrefix="libs")["repositories"]
    assert sorted(repository["name"] for repository in listed) == ["libs", "libs-old"]


def test_a_name_is_taken_once(client: Any) -> None:
    client.create_domain(domain=DOMAIN)
    client.create_repository(domain=DOMAIN, repository="libs")
    with pytest.raises(client.exceptions.ConflictException):
        client.create_domain(domain=DOMAIN)
    with pytest.raises(client.exceptions.ConflictException):
        client.create_repository(domain=DOMAIN, repository="libs")


def test_a_domain_with_repositories_stays(client: Any) -> None:
    client.create_domain(domain=DOMAIN)
    client.create_repository(domain=DOMAIN, repository="libs")
    with pytest.raises(client.exceptions.ConflictException):
        client.delete_domain(domain=DOMAIN)


def test_what_is_not_there_is_not_found(client: Any) -> None:
    client.create_domain(domain=DOMAIN)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_domain(domain="nowhere")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_repository_endpoint(domain=DOMAIN, repository="nowhere", format="pypi")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.list_tags_for_resource(resourceArn="arn:aws:codeartifact:eu-central-1:123456789012:domain/nowhere")
