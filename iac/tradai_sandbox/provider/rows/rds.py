"""What database instances are put into (RDS): subnet groups and parameter groups.

Must never reset a parameter that the program did not set.
"""

from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, on, retag
from tradai_sandbox.provider.props import Prop, Props, out, pairs, tags
from tradai_sandbox.provider.row import Row, Step, Work
from tradai_sandbox.provider.rows.ec2_parts import ids_of

_MANAGED: Final = "Managed by Pulumi"
#: The most parameters that one call takes.
_PARAMETERS_A_CALL: Final = 20


def _arn(kind: str) -> str:
    return f"arn:aws:rds:{{region}}:{{account}}:{kind}:{{name}}"


def _retag(arn: str) -> Step:
    return retag("AddTagsToResource", "RemoveTagsFromResource", {"ResourceName": arn})


def _tags_of(arn: str) -> Read:
    return Read(
        "ListTagsForResource",
        {"ResourceName": arn},
        only=frozenset({"tags"}),
        reshape=lambda found: {"TagList": found["TagList"]},
    )


def _with_tags(work: Work) -> Props:
    tags_ = work.inputs.get("tags")
    return {"Tags": pairs(tags_)} if tags_ else {}


_SUBNET_GROUP: Final = {"DBSubnetGroupName": "{name}"}


def _subnets(work: Work) -> Props:
    return {"SubnetIds": work.inputs["subnetIds"]}


SUBNET_GROUP: Final = Row(
    "aws:rds/subnetGroup:SubnetGroup",
    "rds",
    (
        Prop("name", api="DBSubnetGroupName", replace=True),
        Prop("description", api="DBSubnetGroupDescription", default=_MANAGED),
        Prop("subnetIds", list, api="Subnets", required=True, back=ids_of("SubnetIdentifier")),
        *tags(api="TagList"),
        out("arn", api="DBSubnetGroupArn"),
        out("vpcId"),
    ),
    create=Create("CreateDBSubnetGroup", build=lambda work: {**_subnets(work), **_with_tags(work)}),
    read=(Read("DescribeDBSubnetGroups", _SUBNET_GROUP, "DBSubnetGroups[0]"), _tags_of(_arn("subgrp"))),
    steps=(
        change({"description", "subnetIds"}, "ModifyDBSubnetGroup", _SUBNET_GROUP, build=_subnets, after_create=False),
        _retag(_arn("subgrp")),
    ),
    delete=Delete("DeleteDBSubnetGroup", _SUBNET_GROUP),
    id="{name}",
    name="name",
)

_PARAMETER_GROUP: Final = {"DBParameterGroupName": "{name}"}


def _read_parameters(work: Work) -> Props:
    name = work.values["name"]
    pages = work.cloud.pages("rds", "DescribeDBParameters", work.region, DBParameterGroupName=name, Source="user")
    found = [
        {"name": p["ParameterName"], "value": p["ParameterValue"], "applyMethod": p.get("ApplyMethod", "immediate")}
        for page in pages
        for p in page["Parameters"]
        if p.get("ParameterValue") is not None
    ]
    return {"parameters": found} if found else {}


def _parameter(given: Props) -> Props:
    method = given.get("applyMethod", "immediate")
    return {"ParameterName": given["name"], "ParameterValue": str(given["value"]), "ApplyMethod": method}


def _set_parameters(work: Work) -> None:
    wanted = [_parameter(p) for p in work.inputs.get("parameters") or []]
    kept = {p["ParameterName"] for p in wanted}
    gone = [p for p in map(_parameter, work.state.get("parameters") or []) if p["ParameterName"] not in kept]
    name = work.inputs["name"]
    for some in _chunks(wanted):
        work.call("ModifyDBParameterGroup", DBParameterGroupName=name, Parameters=some)
    for some in _chunks([{k: p[k] for k in ("ParameterName", "ApplyMethod")} for p in gone]):
        work.call("ResetDBParameterGroup", DBParameterGroupName=name, Parameters=some)


def _chunks(items: list[Props]) -> list[list[Props]]:
    return [items[at : at + _PARAMETERS_A_CALL] for at in range(0, len(items), _PARAMETERS_A_CALL)]


PARAMETER_GROUP: Final = Row(
    "aws:rds/parameterGroup:ParameterGroup",
    "rds",
    (
        Prop("name", api="DBParameterGroupName", replace=True),
        Prop("family", api="DBParameterGroupFamily", required=True, replace=True),
        Prop("description", default=_MANAGED, replace=True),
        Prop("parameters", list),
        *tags(api="TagList"),
        out("arn", api="DBParameterGroupArn"),
    ),
    create=Create("CreateDBParameterGroup", build=_with_tags),
    read=(
        Read("DescribeDBParameterGroups", _PARAMETER_GROUP, "DBParameterGroups[0]"),
        _read_parameters,
        _tags_of(_arn("pg")),
    ),
    steps=(on({"parameters"}, _set_parameters), _retag(_arn("pg"))),
    delete=Delete("DeleteDBParameterGroup", _PARAMETER_GROUP),
    id="{name}",
    name="name",
)

ROWS: Final = (SUBNET_GROUP, PARAMETER_GROUP)
