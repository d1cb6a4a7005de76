"""Look-ups that need no resource: the caller's identity, the region, a parameter.

Each is a function from arguments to the result in Pulumi's names. Must never change anything.
"""

from collections.abc import Callable, Mapping
from typing import Final

from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.props import Props

Invoke = Callable[[Cloud, Props], Props]


def _caller(cloud: Cloud, _: Props) -> Props:
    answer = cloud.call("sts", "GetCallerIdentity")
    return {
        "accountId": answer["Account"],
        "arn": answer["Arn"],
        "userId": answer["UserId"],
        "id": answer["Account"],
    }


def _region(cloud: Cloud, args: Props) -> Props:
    region = args.get("region") or args.get("name") or cloud.settings.region
    return {
        "region": region,
        "name": region,
        "id": region,
        "description": region,
        "endpoint": f"ec2.{region}.amazonaws.com",
    }


def _partition(_cloud: Cloud, _: Props) -> Props:
    return {
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
        "id": "aws",
    }


def _parameter(cloud: Cloud, args: Props) -> Props:
    decrypt, region = args.get("withDecryption", True), args.get("region") or cloud.settings.region
    found = cloud.call("ssm", "GetParameter", region, Name=args["name"], WithDecryption=decrypt)["Parameter"]
    kind = found["Type"]
    return {
        "arn": found.get("ARN", ""),
        "id": args["name"],
        "name": args["name"],
        "type": kind,
        "value": found["Value"],
        "insecureValue": "" if kind == "SecureString" else found["Value"],
        "version": found["Version"],
        "withDecryption": decrypt,
        "region": region,
    }


INVOKES: Final[Mapping[str, Invoke]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:ssm/getParameter:getParameter": _parameter,
}
#: Results that are secret, by look-up.
SECRET_RESULTS: Final = {"aws:ssm/getParameter:getParameter": frozenset({"value"})}
