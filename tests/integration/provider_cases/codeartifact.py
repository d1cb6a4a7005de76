"""Package domains and repositories."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _repository(aws: Aws, state: Props) -> Any:
    found = aws("codeartifact").describe_repository(domain=state["domain"], repository=state["repository"])
    tags = aws("codeartifact").list_tags_for_resource(resourceArn=state["id"])["tags"]
    return {"says": found["repository"]["description"], "tags": {t["key"]: t["value"] for t in tags}}


CASES: Final = (
    Case(
        "codeartifact.domain",
        "aws:codeartifact/domain:Domain",
        {"domain": "case-domain", "tags": {"a": "1"}},
        lambda aws, state: aws("codeartifact").describe_domain(domain=state["domain"])["domain"]["name"],
        "case-domain",
        replace={"domain": "case-domain-2"},
    ),
    Case(
        "codeartifact.repository",
        "aws:codeartifact/repository:Repository",
        {
            "domain": Ref("codeartifact.domain", "domain"),
            "repository": "case-python",
            "description": "one",
            "tags": {"a": "1"},
        },
        _repository,
        {"says": "one", "tags": {"a": "1"}},
        update={"description": "two", "tags": {"b": "2"}},
        updated={"says": "two", "tags": {"b": "2"}},
    ),
)
