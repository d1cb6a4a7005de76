"""The look-up of a machine image (EC2).

Must never choose among several images unless the program says which: the most recent.
"""

import re
from typing import Any, Final

from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.props import Props, unpairs
from tradai_sandbox.provider.translate import plain, shape_at

_ASKED: Final = {"owners": "Owners", "executableUsers": "ExecutableUsers", "includeDeprecated": "IncludeDeprecated"}


def _image(cloud: Cloud, args: Props) -> Props:
    region = args.get("region") or cloud.settings.region
    shape = shape_at(cloud.model("ec2", "DescribeImages").output_shape, "Images[0]")
    image = plain(_chosen(_candidates(cloud, args, region), args), shape)
    found = {**{k: v for k, v in args.items() if v is not None}, **image}
    return {
        **found,
        "id": image["imageId"],
        "arn": f"arn:aws:ec2:{region}::image/{image['imageId']}",
        "region": region,
        "blockDeviceMappings": [_mapping(each) for each in image.get("blockDeviceMappings", [])],
        "rootSnapshotId": _root_snapshot(image),
        "stateReason": image.get("stateReason") or {},
        "productCodes": image.get("productCodes") or [],
        "tags": unpairs(image.get("tags") or []),
    }


def _candidates(cloud: Cloud, args: Props, region: str) -> list[Props]:
    asked = {api: args[name] for name, api in _ASKED.items() if args.get(name) is not None}
    filters = [{"Name": each["name"], "Values": each["values"]} for each in args.get("filters") or []]
    filters += [{"Name": f"tag:{key}", "Values": [value]} for key, value in (args.get("tags") or {}).items()]
    images: list[Props] = cloud.call("ec2", "DescribeImages", region, **asked, Filters=filters)["Images"]
    pattern = re.compile(args.get("nameRegex") or "")
    return [image for image in images if pattern.search(image.get("Name", ""))]


def _chosen(images: list[Props], args: Props) -> Props:
    """The one image, or the newest of several (by name among equally new ones); raises ProviderError if unclear."""
    if not images:
        raise ProviderError("getAmi: no image fits the owners and filters")
    if len(images) > 1 and not args.get("mostRecent"):
        raise ProviderError(f"getAmi: {len(images)} images fit the owners and filters: narrow them, or set mostRecent")
    return max(images, key=lambda image: (str(image["CreationDate"]), str(image.get("Name", ""))))


def _mapping(found: Props) -> Props:
    """Everything about a volume is text here."""
    ebs = {key: _text(value) for key, value in (found.get("ebs") or {}).items()}
    names = ("deviceName", "noDevice", "virtualName")
    return {**{name: found.get(name, "") for name in names}, "ebs": ebs}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _root_snapshot(image: Props) -> str:
    root = image.get("rootDeviceName")
    volumes = (m.get("ebs") or {} for m in image.get("blockDeviceMappings", []) if m.get("deviceName") == root)
    return str(next(volumes, {}).get("snapshotId", ""))


INVOKES: Final = {"aws:ec2/getAmi:getAmi": _image}
