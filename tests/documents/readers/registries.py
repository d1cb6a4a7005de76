"""Image and package registries (001 §3, §4; 000 ecr.py, codeartifact.py); reads only."""

from __future__ import annotations

from tests.documents.live import Facts, Live, of_environment, one, tags_of


def repository(live: Live, name: str) -> Facts:
    """Existence and tags of an image repository."""
    ecr = live.clients("ecr")
    found = one(ecr.describe_repositories(repositoryNames=[name])["repositories"], name)
    return {
        "exists": True,
        "tags": tags_of(ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]),
    }


def codeartifact(live: Live, name: str) -> Facts:
    """How many domains the environment has, how many package repositories are in the one, and its tags."""
    domains = live.pages("codeartifact", "list_domains", "domains")
    ours = [domain for domain in domains if of_environment(domain["name"], live.env)]
    domain = one(ours, f"the domains of {live.env}")
    repositories = live.pages("codeartifact", "list_repositories_in_domain", "repositories", domain=domain["name"])
    tags = live.clients("codeartifact").list_tags_for_resource(resourceArn=domain["arn"])["tags"]
    return {"domains": len(ours), "repositories": len(repositories), "tags": tags_of(tags, "key", "value")}
