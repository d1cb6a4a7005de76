"""Roles and what their policies allow (002 §1.4; 001 §6 iam.py); reads only."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from tests.documents.live import Facts, Live, one, tags_of


def role(live: Live, name: str) -> Facts:
    """Which services may take a role, what it allows, and its tags."""
    found = live.clients("iam").get_role(RoleName=name)["Role"]
    principals = [statement.get("Principal", {}) for statement in _statements(found["AssumeRolePolicyDocument"])]
    return {
        "exists": True,
        "trusted services": sorted({service for who in principals for service in _listed(who.get("Service", []))}),
        "grants": grants(live, name),
        "tags": tags_of(found.get("Tags", [])),
    }


def grants_of_profile(live: Live, reference: Mapping[str, str]) -> list[str]:
    """Every action that the one role of an instance profile allows."""
    name = reference.get("Name") or reference.get("Arn", "/").rsplit("/", 1)[1]
    roles = live.clients("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]
    return grants(live, str(one(roles, f"roles of {name}")["RoleName"]))


def grants(live: Live, role: str) -> list[str]:
    """Every action that a role's inline and attached policies allow, sorted."""
    return sorted({action for statement in allowing(live, role) for action in _listed(statement["Action"])})


def may_invoke(live: Live, role: str, function_arn: str) -> bool:
    """Whether a role may invoke a function, by the function's own ARN."""
    return any(
        "lambda:InvokeFunction" in _listed(statement["Action"]) and function_arn in _listed(statement["Resource"])
        for statement in allowing(live, role)
    )


def allowing(live: Live, role: str) -> list[Mapping[str, Any]]:
    """The statements with effect Allow of a role's policies."""
    documents = live.once(("policies", role), lambda: _documents(live, role))
    return [s for document in documents for s in _statements(document) if s["Effect"] == "Allow"]


def _documents(live: Live, role: str) -> list[Any]:
    iam = live.clients("iam")
    inline = live.pages("iam", "list_role_policies", "PolicyNames", RoleName=role)
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in inline]
    for policy in live.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role):
        arn = policy["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        documents.append(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    return documents


def _statements(document: Mapping[str, Any] | str) -> Iterator[Mapping[str, Any]]:
    policy = json.loads(urllib.parse.unquote(document)) if isinstance(document, str) else document
    yield from _listed(policy["Statement"])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
