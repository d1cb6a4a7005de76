"""Network ACLs, their rules and the subnets that they guard.

Must never touch a rule that it has not made; the last one, which denies everything, is AWS's.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, forgiving, on
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.rows.ec2_parts import EC2_TAGS, ids_of, tagged

#: Protocols by the name that programs like and the number that AWS keeps.
_PROTOCOLS: Final = {"tcp": "6", "udp": "17", "icmp": "1", "all": "-1"}


def _number(protocol: Any) -> str:
    return _PROTOCOLS.get(str(protocol).lower(), str(protocol))


def _same_protocol(actual: Any, wanted: Any) -> bool:
    return _number(actual) == _number(wanted)


def _guard(work: Work, subnets: list[str], acl: str) -> None:
    """Every subnet always has one ACL: to guard it is to replace that one."""
    by = [{"Name": "association.subnet-id", "Values": subnets}]
    found = work.call("DescribeNetworkAcls", Filters=by)["NetworkAcls"] if subnets else []
    for association in (a for entry in found for a in entry["Associations"]):
        if association["SubnetId"] in subnets and association["NetworkAclId"] != acl:
            work.call(
                "ReplaceNetworkAclAssociation",
                AssociationId=association["NetworkAclAssociationId"],
                NetworkAclId=acl,
            )


def _default_acl(work: Work, vpc: str) -> str:
    by = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
    found = work.call("DescribeNetworkAcls", Filters=by)["NetworkAcls"]
    if not found:
        raise ProviderError(f"{vpc} has no default network ACL")
    return str(found[0]["NetworkAclId"])


def _set_subnets(work: Work) -> None:
    wanted, had = work.inputs.get("subnetIds") or [], work.state.get("subnetIds") or []
    if released := [s for s in had if s not in wanted]:
        _guard(work, released, _default_acl(work, work.values["vpcId"]))
    _guard(work, wanted, work.id)


def _delete_acl(work: Work) -> None:
    found = forgiving(work, "DescribeNetworkAcls", NetworkAclIds=[work.id]).get("NetworkAcls", [])
    if subnets := [a["SubnetId"] for acl in found for a in acl["Associations"]]:
        _guard(work, subnets, _default_acl(work, work.state["vpcId"]))
    forgiving(work, "DeleteNetworkAcl", NetworkAclId=work.id)


ACL: Final = Row(
    "aws:ec2/networkAcl:NetworkAcl",
    "ec2",
    (
        Prop("vpcId", required=True, replace=True),
        Prop("subnetIds", list, api="Associations", back=ids_of("SubnetId"), computed=True),
        *tags(),
        out("arn", value="arn:aws:ec2:{region}:{account}:network-acl/{id}"),
        out("ownerId"),
    ),
    create=Create("CreateNetworkAcl", "NetworkAcl.NetworkAclId", build=tagged("network-acl")),
    steps=(on({"subnetIds"}, _set_subnets), EC2_TAGS),
    read=(Read("DescribeNetworkAcls", {"NetworkAclIds": ["{id}"]}, "NetworkAcls[0]"),),
    delete=_delete_acl,
)


def _entry(work: Work) -> Props:
    """A rule as requests name it."""
    return {
        "NetworkAclId": work.values["networkAclId"],
        "RuleNumber": int(work.values["ruleNumber"]),
        "Egress": str(work.values.get("egress", False)).lower() == "true",
    }


def _create_rule(work: Work) -> str:
    protocol = _number(work.inputs["protocol"])
    ports = {"From": work.inputs.get("fromPort"), "To": work.inputs.get("toPort")}
    ranged = protocol in ("6", "17") and None not in ports.values()
    more: Props = {"PortRange": ports} if ranged else {}
    names = {"cidrBlock": "CidrBlock", "ipv6CidrBlock": "Ipv6CidrBlock"}
    given = {api: work.inputs[name] for name, api in names.items() if work.inputs.get(name)}
    work.call(
        "CreateNetworkAclEntry",
        **_entry(work),
        Protocol=protocol,
        RuleAction=str(work.inputs["ruleAction"]).lower(),
        **given,
        **more,
    )
    return str(work.fill("{networkAclId}:{ruleNumber}:{protocol}:")) + str(_entry(work)["Egress"]).lower()


def _read_rule(work: Work) -> Props | None:
    wanted = _entry(work)
    acls = forgiving(work, "DescribeNetworkAcls", NetworkAclIds=[wanted["NetworkAclId"]]).get("NetworkAcls", [])
    entries = [entry for acl in acls for entry in acl["Entries"]]
    mine = [e for e in entries if e["RuleNumber"] == wanted["RuleNumber"] and e["Egress"] is wanted["Egress"]]
    return _rule(wanted, mine[0]) if mine else None


def _rule(where: Props, entry: dict[str, Any]) -> Props:
    ports = entry.get("PortRange") or {}
    told = {
        "cidrBlock": entry.get("CidrBlock"),
        "ipv6CidrBlock": entry.get("Ipv6CidrBlock"),
        "fromPort": ports.get("From"),
        "toPort": ports.get("To"),
    }
    return {
        "networkAclId": where["NetworkAclId"],
        "ruleNumber": where["RuleNumber"],
        "egress": where["Egress"],
        "protocol": entry["Protocol"],
        "ruleAction": entry["RuleAction"],
        **{name: value for name, value in told.items() if value is not None},
    }


RULE: Final = Row(
    "aws:ec2/networkAclRule:NetworkAclRule",
    "ec2",
    (
        Prop("networkAclId", required=True, replace=True),
        Prop("ruleNumber", int, required=True, replace=True),
        Prop("egress", bool, default=False, replace=True),
        Prop("protocol", required=True, replace=True, same=_same_protocol),
        Prop("ruleAction", required=True, replace=True),
        Prop("cidrBlock", replace=True),
        Prop("ipv6CidrBlock", replace=True),
        Prop("fromPort", int, replace=True),
        Prop("toPort", int, replace=True),
    ),
    create=_create_rule,
    read=(_read_rule,),
    delete=Delete("DeleteNetworkAclEntry", build=_entry),
    import_id="{networkAclId}:{ruleNumber}:{protocol}:{egress}",
    delete_first=True,
)

ROWS: Final = (ACL, RULE)
