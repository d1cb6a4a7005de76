"""A network with an Auto Scaling group and update-nat-routes, made over plain AWS calls.

Must never use the stack programs: what is looked at is the endpoint and the function.
"""

import base64
import io
import json
import urllib.request
import zipfile
from dataclasses import dataclass, field
from typing import Any, Final

import boto3

from tradai_iac.core.lambda_sources import SOURCES, handler_of, package_of

REGION: Final = "eu-central-1"
GROUP: Final = "nat"
FUNCTION: Final = "update-nat-routes"
IMAGE: Final = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
HOOK: Final = {
    "LifecycleHookName": "launch",
    "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    "HeartbeatTimeout": 300,
    "DefaultResult": "ABANDON",
}
LAUNCHES: Final = {
    "source": ["aws.autoscaling"],
    "detail-type": ["EC2 Instance-launch Lifecycle Action"],
    "detail": {"AutoScalingGroupName": [GROUP]},
}


@dataclass
class Estate:
    """What stands at one endpoint."""

    url: str
    subnet: str = ""
    table: str = ""
    allocation: str = ""
    clients: dict[str, Any] = field(default_factory=dict)

    def __call__(self, service: str) -> Any:
        """The client of a service."""
        if service not in self.clients:
            session: Any = boto3.Session("sandbox", "sandbox", region_name=REGION)
            self.clients[service] = session.client(service, endpoint_url=self.url)
        return self.clients[service]

    def forget(self) -> None:
        """Whatever the endpoint knows is gone."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")  # noqa: S310 - loopback
        urllib.request.urlopen(request).close()  # noqa: S310 - loopback

    def lay_network(self) -> None:
        """A VPC with one subnet and a route table without a default route."""
        vpc = self("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        self.table = self("ec2").create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        self.allocation = self("ec2").allocate_address(Domain="vpc")["AllocationId"]

    def put_function(self, table: str | None = None, timeout: int = 120) -> None:
        """The function, and the rule that calls it."""
        trust = {"Version": "2012-10-17", "Statement": []}
        role = self("iam").create_role(RoleName=FUNCTION, AssumeRolePolicyDocument=json.dumps(trust))
        may = {"Effect": "Allow", "Action": ["ec2:*", "autoscaling:*"], "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
        self("iam").put_role_policy(RoleName=FUNCTION, PolicyName=FUNCTION, PolicyDocument=document)
        function = self("lambda").create_function(
            FunctionName=FUNCTION,
            Runtime="python3.11",
            Role=role["Role"]["Arn"],
            Handler=handler_of(FUNCTION),
            Timeout=timeout,
            Code={"ZipFile": _zipped()},
            Environment={"Variables": {"ROUTE_TABLE_ID": table or self.table, "ALLOCATION_ID": self.allocation}},
        )
        self("events").put_rule(Name="launch", EventPattern=json.dumps(LAUNCHES))
        self("events").put_targets(Rule="launch", Targets=[{"Id": "f", "Arn": function["FunctionArn"]}])

    def launch_group(self, *, well: bool = True) -> None:
        """A group of one whose launches a hook holds; of instances that do `well`, user data comes to its end."""
        script = f"ALLOCATION_ID={self.allocation}\naws ec2 associate-address" if well else "exit 1"
        encoded = base64.b64encode(script.encode()).decode()
        template = self("ec2").create_launch_template(
            LaunchTemplateName=GROUP,
            LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t4g.nano", "UserData": encoded},
        )
        reference = {"LaunchTemplateId": template["LaunchTemplate"]["LaunchTemplateId"], "Version": "1"}
        self("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=GROUP,
            MinSize=1,
            MaxSize=1,
            LaunchTemplate=reference,
            VPCZoneIdentifier=self.subnet,
            LifecycleHookSpecificationList=[HOOK],
        )

    def instances(self) -> dict[str, str]:
        """Id → lifecycle state of the group's instances."""
        (group,) = self("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"]
        return {i["InstanceId"]: i["LifecycleState"] for i in group["Instances"]}

    def way_out(self) -> str | None:
        """The instance that the default route leads to."""
        (table,) = self("ec2").describe_route_tables(RouteTableIds=[self.table])["RouteTables"]
        routes = {r.get("DestinationCidrBlock"): r.get("InstanceId") for r in table["Routes"]}
        return routes.get("0.0.0.0/0")


def _zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as code:
        for path in (SOURCES / package_of(FUNCTION)).glob("*.py"):
            code.write(path, path.relative_to(SOURCES))
    return buffer.getvalue()
