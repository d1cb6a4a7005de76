"""What the operator asked the API server for, from its audit log, and what a role file grants: both as flat rows.

Must never look at the operator itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

OPERATOR = "system:serviceaccount:tradai-system:tradai-operator"


@dataclass(frozen=True, order=True)
class Grant:
    """One verb on one resource (`secrets`, `tradaienvironments/status`), everywhere where `namespace` is empty."""

    namespace: str
    group: str
    resource: str
    verb: str
    name: str = ""


@dataclass(frozen=True)
class Asked:
    """One request of the operator and how it was answered."""

    namespace: str
    group: str
    resource: str
    verb: str
    name: str
    code: int

    def needs(self, grant: Grant) -> bool:
        """Whether this grant permits the request; an apply that makes an object needs the right to create as well."""
        verbs = {self.verb, "create"} if self.verb == "patch" and self.code == 201 else {self.verb}
        return (
            (grant.group, grant.resource) == (self.group, self.resource)
            and grant.verb in verbs
            and grant.namespace in {"", self.namespace}
            and grant.name in {"", self.name}
        )


def granted(path: Path) -> set[Grant]:
    """Every row of the roles in a file."""
    documents = [body for body in yaml.safe_load_all(path.read_text()) if body["kind"] in {"Role", "ClusterRole"}]
    return {grant for body in documents for grant in rows(body["rules"], str(body["metadata"].get("namespace", "")))}


def rows(rules: Iterable[Mapping[str, Any]], namespace: str) -> Iterator[Grant]:
    """The rows of rules as Role and SelfSubjectRulesReview have them."""
    for rule in rules:
        for group in rule.get("apiGroups", []):
            for resource in rule.get("resources", []):
                for verb in rule["verbs"]:
                    for name in rule.get("resourceNames") or [""]:
                        yield Grant(namespace, group, resource, verb, name)


def asked(log: Path) -> list[Asked]:
    """Every request for a resource that the operator made and that was answered, a watch once it has begun."""
    found = []
    for line in log.read_text().splitlines():
        entry = json.loads(line) if line.startswith("{") else {}
        about = entry.get("objectRef")
        if entry.get("user", {}).get("username") != OPERATOR or not about:
            continue
        sub = f"/{about['subresource']}" if about.get("subresource") else ""
        found.append(
            Asked(
                about.get("namespace", ""),
                about.get("apiGroup", ""),
                about["resource"] + sub,
                entry["verb"],
                about.get("name", ""),
                entry.get("responseStatus", {}).get("code", 0),
            )
        )
    return found
