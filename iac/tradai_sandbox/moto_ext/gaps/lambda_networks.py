"""Lambda: functions in a VPC, of which moto makes up the VPC and never looks at subnets or groups.

Must never accept a subnet or a group that does not exist.
"""

from typing import Any

from moto.awslambda import models
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import ec2_backends

from tradai_sandbox.moto_ext.gaps.patching import add_property, wrap


def repair() -> None:
    """Check a function's subnets and groups, and tell the VPC that they are in."""
    wrap(models.LambdaFunction, __init__=_checked_when_made, update_configuration=_checked_when_changed)
    add_property(models.LambdaFunction, vpc_config=property(_with_vpc))


def _checked_when_made(original: Any) -> Any:
    def init(self: Any, account_id: str, spec: dict[str, Any], region: str, *args: Any, **kwargs: Any) -> None:
        _check(account_id, region, spec.get("VpcConfig") or {})
        original(self, account_id, spec, region, *args, **kwargs)

    return init


def _checked_when_changed(original: Any) -> Any:
    def update_configuration(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
        _check(self.account_id, self.region, updates.get("VpcConfig") or {})
        answer: dict[str, Any] = original(self, updates)
        return answer

    return update_configuration


def _check(account: str, region: str, config: dict[str, Any]) -> None:
    network: Any = ec2_backends[account][region]
    for subnet in config.get("SubnetIds", []):
        try:
            network.get_subnet(subnet)
        except InvalidSubnetIdError as error:
            raise InvalidParameterValueException(
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. "
                f"EC2 Error Message: The subnet ID '{subnet}' does not exist"
            ) from error
    for group in config.get("SecurityGroupIds", []):
        if network.get_security_group_from_id(group) is None:
            raise InvalidParameterValueException(
                "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. "
                f"EC2 Error Message: The security group '{group}' does not exist"
            )


def _with_vpc(self: Any) -> dict[str, Any] | None:
    """A function's place in a network, the VPC included; None where it never had one."""
    config = self._vpc_config
    if not config:
        return None
    subnets, groups = config.get("SubnetIds", []), config.get("SecurityGroupIds", [])
    network: Any = ec2_backends[self.account_id][self.region]
    vpc = network.get_subnet(subnets[0]).vpc_id if subnets else ""
    return {"SubnetIds": subnets, "SecurityGroupIds": groups, "VpcId": vpc, "Ipv6AllowedForDualStack": False}
