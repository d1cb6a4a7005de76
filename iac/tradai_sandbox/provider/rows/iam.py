"""Roles, policies and instance profiles (IAM); IAM is global, so its types have no region.

Must never detach what the program did not attach, unless `forceDetachPolicies` says so.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, forgiving, on, retag
from tradai_sandbox.provider.props import Prop, Props, as_text, document, local, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import from_api, shape_at

_ROLE: Final = {"RoleName": "{name}"}


def _boundary(work: Work) -> None:
    if arn := work.inputs.get("permissionsBoundary"):
        work.call("PutRolePermissionsBoundary", RoleName=work.id, PermissionsBoundary=arn)
    else:
        work.call("DeleteRolePermissionsBoundary", RoleName=work.id)


def _delete_role(work: Work) -> None:
    if work.inputs.get("forceDetachPolicies"):
        attached = forgiving(work, "ListAttachedRolePolicies", RoleName=work.id).get("AttachedPolicies", [])
        for policy in attached:
            forgiving(work, "DetachRolePolicy", RoleName=work.id, PolicyArn=policy["PolicyArn"])
        for name in forgiving(work, "ListRolePolicies", RoleName=work.id).get("PolicyNames", []):
            forgiving(work, "DeleteRolePolicy", RoleName=work.id, PolicyName=name)
    forgiving(work, "DeleteRole", RoleName=work.id)


ROLE: Final = Row(
    "aws:iam/role:Role",
    "iam",
    (
        Prop("name", api="RoleName", replace=True),
        document("assumeRolePolicy", "AssumeRolePolicyDocument", required=True),
        Prop("path", default="/", replace=True),
        Prop("description"),
        Prop("maxSessionDuration", int, default=3600),
        Prop("permissionsBoundary", to=str, back=lambda found: found.get("PermissionsBoundaryArn")),
        local("forceDetachPolicies", default=False),
        *tags(),
        out("arn"),
        out("createDate"),
        out("uniqueId", api="RoleId"),
    ),
    create=Create("CreateRole"),
    read=(Read("GetRole", _ROLE, at="Role"),),
    steps=(
        change({"description", "maxSessionDuration"}, "UpdateRole", _ROLE, after_create=False),
        change(
            {"assumeRolePolicy"},
            "UpdateAssumeRolePolicy",
            _ROLE,
            build=lambda work: {"PolicyDocument": work.inputs["assumeRolePolicy"]},
            after_create=False,
        ),
        on({"permissionsBoundary"}, _boundary, after_create=False),
        retag("TagRole", "UntagRole", _ROLE),
    ),
    delete=_delete_role,
    id="{name}",
    name="name",
    regional=False,
)

_INLINE: Final = {"RoleName": "{role}", "PolicyName": "{name}"}
ROLE_POLICY: Final = Row(
    "aws:iam/rolePolicy:RolePolicy",
    "iam",
    (
        Prop("name", api="PolicyName", replace=True),
        Prop("role", api="RoleName", required=True, replace=True),
        document("policy", "PolicyDocument", required=True),
    ),
    create=Create("PutRolePolicy"),
    read=(Read("GetRolePolicy", _INLINE),),
    steps=(change({"policy"}, "PutRolePolicy", _INLINE, after_create=False),),
    delete=Delete("DeleteRolePolicy", _INLINE),
    id="{role}:{name}",
    name="name",
    regional=False,
)


def _read_attachment(work: Work) -> Props | None:
    role, arn = work.fill("{role}"), work.fill("{policyArn}")
    attached = forgiving(work, "ListAttachedRolePolicies", RoleName=role, MaxItems=1000).get("AttachedPolicies", [])
    return {"role": role, "policyArn": arn} if any(p["PolicyArn"] == arn for p in attached) else None


_ATTACHED: Final = {"RoleName": "{role}", "PolicyArn": "{policyArn}"}
ROLE_POLICY_ATTACHMENT: Final = Row(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "iam",
    (
        Prop("role", api="RoleName", required=True, replace=True),
        Prop("policyArn", required=True, replace=True),
    ),
    create=Create("AttachRolePolicy"),
    read=(_read_attachment,),
    delete=Delete("DetachRolePolicy", _ATTACHED),
    id="{role}/{policyArn}",
    regional=False,
)


def _read_policy(work: Work) -> Props | None:
    """The document is kept per version; the default one counts."""
    found = forgiving(work, "GetPolicy", PolicyArn=work.id).get("Policy")
    if found is None:
        return None
    version = work.call("GetPolicyVersion", PolicyArn=work.id, VersionId=found["DefaultVersionId"])
    shape = shape_at(work.cloud.model("iam", "GetPolicy").output_shape, "Policy")
    document_ = as_text(version["PolicyVersion"]["Document"])
    return {**from_api(work.row.props, found, shape), "policy": document_}


def _new_version(work: Work) -> None:
    """A managed policy keeps five versions: the oldest makes room."""
    versions = work.call("ListPolicyVersions", PolicyArn=work.id)["Versions"]
    if len(versions) >= 5:
        oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
        work.call("DeletePolicyVersion", PolicyArn=work.id, VersionId=oldest["VersionId"])
    work.call("CreatePolicyVersion", PolicyArn=work.id, PolicyDocument=work.inputs["policy"], SetAsDefault=True)


def _delete_policy(work: Work) -> None:
    for version in forgiving(work, "ListPolicyVersions", PolicyArn=work.id).get("Versions", []):
        if not version["IsDefaultVersion"]:
            forgiving(work, "DeletePolicyVersion", PolicyArn=work.id, VersionId=version["VersionId"])
    forgiving(work, "DeletePolicy", PolicyArn=work.id)


POLICY: Final = Row(
    "aws:iam/policy:Policy",
    "iam",
    (
        Prop("name", api="PolicyName", replace=True),
        document("policy", "PolicyDocument", required=True),
        Prop("path", default="/", replace=True),
        Prop("description", replace=True),
        *tags(),
        out("arn"),
        out("policyId"),
    ),
    create=Create("CreatePolicy", id="Policy.Arn"),
    read=(_read_policy,),
    steps=(
        on({"policy"}, _new_version, after_create=False),
        retag("TagPolicy", "UntagPolicy", {"PolicyArn": "{id}"}),
    ),
    delete=_delete_policy,
    name="name",
    regional=False,
)


_PROFILE: Final = {"InstanceProfileName": "{name}"}


def _set_role(work: Work) -> None:
    if had := work.state.get("role"):
        forgiving(work, "RemoveRoleFromInstanceProfile", InstanceProfileName=work.id, RoleName=had)
    if role := work.inputs.get("role"):
        work.call("AddRoleToInstanceProfile", InstanceProfileName=work.id, RoleName=role)


def _delete_profile(work: Work) -> None:
    _set_role(work.with_(inputs={}))
    forgiving(work, "DeleteInstanceProfile", InstanceProfileName=work.id)


def _first_role(roles: Any) -> str | None:
    return roles[0]["RoleName"] if roles else None


INSTANCE_PROFILE: Final = Row(
    "aws:iam/instanceProfile:InstanceProfile",
    "iam",
    (
        Prop("name", api="InstanceProfileName", replace=True),
        Prop("role", api="Roles", back=_first_role),
        Prop("path", default="/", replace=True),
        *tags(),
        out("arn"),
        out("createDate"),
        out("uniqueId", api="InstanceProfileId"),
    ),
    create=Create("CreateInstanceProfile"),
    read=(Read("GetInstanceProfile", _PROFILE, at="InstanceProfile"),),
    steps=(on({"role"}, _set_role), retag("TagInstanceProfile", "UntagInstanceProfile", _PROFILE)),
    delete=_delete_profile,
    id="{name}",
    name="name",
    regional=False,
)

ROWS: Final = (ROLE, ROLE_POLICY, ROLE_POLICY_ATTACHMENT, POLICY, INSTANCE_PROFILE)
