"""What watches a VPC and what leads out of it privately: endpoints and flow logs.

Must never change an endpoint's service or kind in place: AWS cannot.
"""

from typing import Final

from tradai_sandbox.provider.calls import Create, Read, forgiving, on
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Prop, Props, document, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.rows.ec2_parts import EC2_TAGS, ids_of, tagged
from tradai_sandbox.provider.translate import from_api, shape_at

#: Lists that are changed by what is added and what is removed: Pulumi's name → the API's.
_LISTS: Final = {
    "routeTableIds": "RouteTableId",
    "subnetIds": "SubnetId",
    "securityGroupIds": "SecurityGroupId",
}


def _new_endpoint(work: Work) -> Props:
    groups = work.inputs.get("securityGroupIds")
    return {**tagged("vpc-endpoint")(work), **({"SecurityGroupIds": groups} if groups else {})}


def _modify(work: Work) -> None:
    params: Props = {}
    for name in work.changed & set(_LISTS):
        wanted, had = work.inputs.get(name) or [], work.state.get(name) or []
        for verb, items in (("Add", set(wanted) - set(had)), ("Remove", set(had) - set(wanted))):
            if items:
                params[f"{verb}{_LISTS[name]}s"] = sorted(items)
    if "policy" in work.changed:
        policy = work.inputs.get("policy")
        params |= {"PolicyDocument": policy} if policy else {"ResetPolicy": True}
    if "privateDnsEnabled" in work.changed:
        params["PrivateDnsEnabled"] = bool(work.inputs.get("privateDnsEnabled"))
    if params:
        work.call("ModifyVpcEndpoint", VpcEndpointId=work.id, **params)


def _delete_endpoint(work: Work) -> None:
    answer = forgiving(work, "DeleteVpcEndpoints", VpcEndpointIds=[work.id])
    _refused(answer)


def _refused(answer: Props) -> None:
    """AWS answers what it refuses to delete with a list, not with an error."""
    for item in answer.get("Unsuccessful", []):
        error = item.get("Error", {})
        if "NotFound" not in str(error.get("Code", "")):
            raise ProviderError(f"{item.get('ResourceId')}: {error.get('Code')}: {error.get('Message')}")


def _alive(endpoint: Props) -> bool:
    return str(endpoint.get("State", "")).lower() not in ("deleted", "deleting")


ENDPOINT: Final = Row(
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "ec2",
    (
        Prop("vpcId", required=True, replace=True),
        Prop("serviceName", replace=True),
        Prop("vpcEndpointType", default="Gateway", replace=True),
        Prop("routeTableIds", list, computed=True),
        Prop("subnetIds", list, computed=True),
        Prop("securityGroupIds", list, api="Groups", back=ids_of("GroupId"), computed=True),
        Prop("privateDnsEnabled", bool, computed=True),
        document("policy", "PolicyDocument", computed=True),
        *tags(),
        out("arn", value="arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}"),
        out("dnsEntries", list),
        out("networkInterfaceIds", list),
        out("ownerId"),
        out("state"),
    ),
    create=Create("CreateVpcEndpoint", "VpcEndpoint.VpcEndpointId", build=_new_endpoint),
    steps=(on({*_LISTS, "policy", "privateDnsEnabled"}, _modify, after_create=False), EC2_TAGS),
    read=(Read("DescribeVpcEndpoints", {"VpcEndpointIds": ["{id}"]}, "VpcEndpoints[0]", alive=_alive),),
    delete=_delete_endpoint,
)

#: What a flow log can be about: Pulumi's name → the API's kind.
_WATCHED: Final = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}


def _create_log(work: Work) -> str:
    name, kind = next((n, k) for n, k in _WATCHED.items() if work.inputs.get(n))
    answer = work.call(
        "CreateFlowLogs",
        ResourceIds=[work.inputs[name]],
        ResourceType=kind,
        **work.params("CreateFlowLogs"),
        **tagged("vpc-flow-log")(work),
    )
    _refused(answer)
    return str(answer["FlowLogIds"][0])


def _read_log(work: Work) -> Props | None:
    """AWS tells one `ResourceId`; its prefix says of what kind it is."""
    logs = work.call("DescribeFlowLogs", FlowLogIds=[work.id])["FlowLogs"]
    if not logs:
        return None
    shape = shape_at(work.cloud.model("ec2", "DescribeFlowLogs").output_shape, "FlowLogs[0]")
    resource, prefixes = logs[0]["ResourceId"], {"vpc-": "vpcId", "subnet-": "subnetId", "eni-": "eniId"}
    watched = {name: resource for prefix, name in prefixes.items() if resource.startswith(prefix)}
    return {**from_api(work.row.props, logs[0], shape), **watched}


def _delete_log(work: Work) -> None:
    _refused(forgiving(work, "DeleteFlowLogs", FlowLogIds=[work.id]))


FLOW_LOG: Final = Row(
    "aws:ec2/flowLog:FlowLog",
    "ec2",
    (
        *(Prop(name, replace=True) for name in _WATCHED),
        Prop("trafficType", replace=True),
        Prop("logDestinationType", default="cloud-watch-logs", replace=True),
        Prop("logDestination", replace=True),
        Prop("iamRoleArn", api="DeliverLogsPermissionArn", replace=True),
        Prop("logFormat", replace=True, computed=True),
        Prop("maxAggregationInterval", int, default=600, replace=True),
        *tags(),
        out("arn", value="arn:aws:ec2:{region}:{account}:vpc-flow-log/{id}"),
    ),
    create=_create_log,
    steps=(EC2_TAGS,),
    read=(_read_log,),
    delete=_delete_log,
)

ROWS: Final = (ENDPOINT, FLOW_LOG)
