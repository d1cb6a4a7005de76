"""Security groups and their rules, each rule a resource of its own.

Must never touch a rule that it has not made, but where the official provider does: the egress to everywhere that AWS
gives every new group, and with `revokeRulesOnDelete` what keeps a group from being deleted.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, forgiving, on
from tradai_sandbox.provider.failures import ApiError, is_gone
from tradai_sandbox.provider.props import Prop, Props, local, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.rows.ec2_parts import EC2_TAGS, tagged

#: How AWS says that something uses a group.
_HELD: Final = frozenset({"DependencyViolation", "InvalidGroup.InUse"})
_TO_EVERYWHERE: Final = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
#: A rule's source or destination: Pulumi's name → list and member of the create request.
_PEERS: Final = {
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
_MODIFIED: Final = {
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupId",
    "description": "Description",
}


def _close(work: Work) -> None:
    """Takes the egress to everywhere off a new group."""
    try:
        work.call("RevokeSecurityGroupEgress", GroupId=work.id, IpPermissions=[_TO_EVERYWHERE])
    except ApiError as error:
        if not is_gone(error):
            raise


def _delete_group(work: Work) -> None:
    """With `revokeRulesOnDelete`, rules go first that others have put in, since they may hold on to other groups; and
    where AWS refuses, also the rules of other groups that refer to this one.

    In this order the official provider does it, which waits an hour in between for what ends by itself.
    """
    revokes = bool(work.inputs.get("revokeRulesOnDelete"))
    if revokes:
        by = [{"Name": "group-id", "Values": [work.id]}]
        _revoke(work, forgiving(work, "DescribeSecurityGroupRules", Filters=by).get("SecurityGroupRules", []))
    try:
        forgiving(work, "DeleteSecurityGroup", GroupId=work.id)
    except ApiError as error:
        if not revokes or error.code not in _HELD:
            raise
        _revoke(work, _referring(work))
        forgiving(work, "DeleteSecurityGroup", GroupId=work.id)


def _referring(work: Work) -> list[Props]:
    """The rules of all groups that refer to this one."""
    pages = work.cloud.pages("ec2", "DescribeSecurityGroupRules", work.region)
    rules = [rule for page in pages for rule in page["SecurityGroupRules"]]
    return [rule for rule in rules if (rule.get("ReferencedGroupInfo") or {}).get("GroupId") == work.id]


def _revoke(work: Work, rules: Sequence[Props]) -> None:
    found: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        direction = "Egress" if rule["IsEgress"] else "Ingress"
        found.setdefault((direction, rule["GroupId"]), []).append(rule["SecurityGroupRuleId"])
    for (direction, group), ids in found.items():
        forgiving(work, f"RevokeSecurityGroup{direction}", GroupId=group, SecurityGroupRuleIds=ids)


GROUP: Final = Row(
    "aws:ec2/securityGroup:SecurityGroup",
    "ec2",
    (
        Prop("name", api="GroupName", replace=True),
        Prop("description", default="Managed by Pulumi", replace=True),
        Prop("vpcId", computed=True, replace=True),
        local("revokeRulesOnDelete", default=False),
        *tags(),
        out("arn", value="arn:aws:ec2:{region}:{account}:security-group/{id}"),
        out("ownerId"),
    ),
    create=Create("CreateSecurityGroup", "GroupId", build=tagged("security-group")),
    # every group has a description, and never another one: this runs once, right after the create
    steps=(on({"description"}, _close), EC2_TAGS),
    read=(Read("DescribeSecurityGroups", {"GroupIds": ["{id}"]}, "SecurityGroups[0]"),),
    delete=_delete_group,
    name="name",
)


def _ports(work: Work) -> Props:
    everything = work.inputs["ipProtocol"] in ("-1", -1)
    given = {"FromPort": work.inputs.get("fromPort"), "ToPort": work.inputs.get("toPort")}
    return {} if everything else {k: int(v) for k, v in given.items() if v is not None}


def _permission(work: Work) -> Props:
    told = {"Description": work.inputs["description"]} if work.inputs.get("description") else {}
    peers = {
        group: [{member: work.inputs[name], **told}]
        for name, (group, member) in _PEERS.items()
        if work.inputs.get(name)
    }
    rule = {"IpProtocol": str(work.inputs["ipProtocol"]), **_ports(work), **peers}
    return {
        "GroupId": work.inputs["securityGroupId"],
        "IpPermissions": [rule],
        **tagged("security-group-rule")(work),
    }


def _modify(work: Work) -> None:
    ports = _ports(work) or {"FromPort": -1, "ToPort": -1}
    given = {api: work.inputs[name] for name, api in _MODIFIED.items() if work.inputs.get(name)}
    rule = {"IpProtocol": str(work.inputs["ipProtocol"]), **ports, **given}
    work.call(
        "ModifySecurityGroupRules",
        GroupId=work.inputs["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": work.id, "SecurityGroupRule": rule}],
    )


def _same_kind(state: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """AWS changes a rule's source to another of its kind alone: a network stays a network, a group a group."""
    return [bool(state.get(name)) for name in _PEERS] == [bool(inputs.get(name)) for name in _PEERS]


_SOURCES: Final = tuple(
    Prop(name, api=api, replace=True, in_place=_same_kind, by_presence=True)
    for name, api in (
        ("cidrIpv4", ""),
        ("cidrIpv6", ""),
        ("prefixListId", ""),
        ("referencedSecurityGroupId", "ReferencedGroupInfo.GroupId"),
    )
)


def _same_protocol(actual: Any, wanted: Any) -> bool:
    names = {"6": "tcp", "17": "udp", "1": "icmp", "all": "-1"}
    return names.get(str(actual), str(actual)) == names.get(str(wanted), str(wanted))


def _rule(direction: str) -> Row:
    return Row(
        f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule",
        "ec2",
        (
            Prop("securityGroupId", api="GroupId", required=True, replace=True),
            Prop("ipProtocol", required=True, same=_same_protocol),
            Prop("fromPort", int),
            Prop("toPort", int),
            *_SOURCES,
            Prop("description"),
            *tags(),
            out("arn", value="arn:aws:ec2:{region}:{account}:security-group-rule/{id}"),
            out("securityGroupRuleId"),
        ),
        create=Create(
            f"AuthorizeSecurityGroup{direction}",
            "SecurityGroupRules[0].SecurityGroupRuleId",
            build=_permission,
            leave_out=frozenset({"fromPort", "toPort", "ipProtocol", "securityGroupId"}),
        ),
        steps=(on({"ipProtocol", "fromPort", "toPort", *_MODIFIED}, _modify, after_create=False), EC2_TAGS),
        read=(Read("DescribeSecurityGroupRules", {"SecurityGroupRuleIds": ["{id}"]}, "SecurityGroupRules[0]"),),
        delete=Delete(
            f"RevokeSecurityGroup{direction}",
            {"GroupId": "{securityGroupId}", "SecurityGroupRuleIds": ["{id}"]},
        ),
    )


ROWS: Final = (GROUP, _rule("Ingress"), _rule("Egress"))
