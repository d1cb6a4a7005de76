"""Route tables, their routes and the subnets that use them.

Must never replace a route that the program does not own: a table's own row leaves them alone.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, on
from tradai_sandbox.provider.failures import ApiError, is_gone
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.rows.ec2_parts import EC2_TAGS, tagged

#: Where a route may lead: Pulumi's name → the API's.
_TARGETS: Final = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}

ROUTE_TABLE: Final = Row(
    "aws:ec2/routeTable:RouteTable",
    "ec2",
    (
        Prop("vpcId", required=True, replace=True),
        *tags(),
        out("arn", value="arn:aws:ec2:{region}:{account}:route-table/{id}"),
        out("ownerId"),
    ),
    create=Create("CreateRouteTable", "RouteTable.RouteTableId", build=tagged("route-table")),
    steps=(EC2_TAGS,),
    read=(Read("DescribeRouteTables", {"RouteTableIds": ["{id}"]}, "RouteTables[0]"),),
    delete=Delete("DeleteRouteTable", {"RouteTableId": "{id}"}),
)


def _destination(work: Work) -> Props:
    return {
        "RouteTableId": work.values["routeTableId"],
        "DestinationCidrBlock": work.values["destinationCidrBlock"],
    }


def _target(work: Work) -> Props:
    return {api: work.inputs[name] for name, api in _TARGETS.items() if work.inputs.get(name)}


def _replace(work: Work) -> None:
    work.call("ReplaceRoute", **_destination(work), **_target(work))


def _read_route(work: Work) -> Props | None:
    """A route has no call of its own: it is found in its table."""
    where = _destination(work)
    try:
        tables = work.call("DescribeRouteTables", RouteTableIds=[where["RouteTableId"]])["RouteTables"]
    except ApiError as error:
        if is_gone(error):
            return None
        raise
    cidr = where["DestinationCidrBlock"]
    routes = [r for table in tables for r in table["Routes"] if r.get("DestinationCidrBlock") == cidr]
    return _route(where, routes[0]) if routes else None


def _route(where: Props, found: dict[str, Any]) -> Props:
    more = {"Origin": "origin", "State": "state", "InstanceId": "instanceId"}
    names = {**{api: name for name, api in _TARGETS.items()}, **more}
    seen = {names[k]: v for k, v in found.items() if k in names and v}
    return {
        "routeTableId": where["RouteTableId"],
        "destinationCidrBlock": where["DestinationCidrBlock"],
        **seen,
    }


ROUTE: Final = Row(
    "aws:ec2/route:Route",
    "ec2",
    (
        Prop("routeTableId", required=True, replace=True),
        Prop("destinationCidrBlock", replace=True),
        *(Prop(name, computed=name == "networkInterfaceId") for name in _TARGETS),
        out("origin"),
        out("state"),
        out("instanceId"),
    ),
    create=Create("CreateRoute"),
    steps=(on(_TARGETS, _replace, after_create=False),),
    read=(_read_route,),
    delete=Delete("DeleteRoute", build=_destination),
    id="{routeTableId}_{destinationCidrBlock}",
    delete_first=True,
)


def _found(work: Work) -> dict[str, Any] | None:
    """The association of a subnet; moving it to another table gives it another id, so that is no way to find it."""
    subnet = work.values["subnetId"]
    by = [{"Name": "association.subnet-id", "Values": [subnet]}]
    tables = work.call("DescribeRouteTables", Filters=by)["RouteTables"]
    found = (a for table in tables for a in table["Associations"])
    return next((a for a in found if a.get("SubnetId") == subnet), None)


def _read_association(work: Work) -> Props | None:
    found = _found(work)
    if found is None:
        return None
    id_ = found["RouteTableAssociationId"]
    return {"id": id_, "subnetId": found["SubnetId"], "routeTableId": found["RouteTableId"]}


def _move(work: Work) -> None:
    found, table = _found(work), work.inputs["routeTableId"]
    if found is None:
        work.call("AssociateRouteTable", SubnetId=work.inputs["subnetId"], RouteTableId=table)
    else:
        old = found["RouteTableAssociationId"]
        work.call("ReplaceRouteTableAssociation", AssociationId=old, RouteTableId=table)


def _disassociate(work: Work) -> None:
    if found := _found(work):
        work.call("DisassociateRouteTable", AssociationId=found["RouteTableAssociationId"])


ASSOCIATION: Final = Row(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "ec2",
    (Prop("subnetId", replace=True), Prop("routeTableId", required=True)),
    create=Create("AssociateRouteTable", "AssociationId"),
    steps=(on({"routeTableId"}, _move, after_create=False),),
    read=(_read_association,),
    delete=_disassociate,
    import_id="{subnetId}/{routeTableId}",
)

ROWS: Final = (ROUTE_TABLE, ROUTE, ASSOCIATION)
