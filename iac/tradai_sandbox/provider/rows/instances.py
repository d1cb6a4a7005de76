"""What instances are made of: launch templates and elastic addresses.

Must never start an instance: Auto Scaling does.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, forgiving, on
from tradai_sandbox.provider.props import Prop, Props, out, pairs, tags, unpairs
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.rows.ec2_parts import EC2_TAGS, tagged


def _release(work: Work) -> None:
    """An address that an instance has taken at run time is let go first."""
    found = forgiving(work, "DescribeAddresses", AllocationIds=[work.id]).get("Addresses", [])
    for address in found:
        if association := address.get("AssociationId"):
            forgiving(work, "DisassociateAddress", AssociationId=association)
    forgiving(work, "ReleaseAddress", AllocationId=work.id)


def _associate(work: Work) -> None:
    if had := work.state.get("associationId"):
        forgiving(work, "DisassociateAddress", AssociationId=had)
    names = {"instance": "InstanceId", "networkInterface": "NetworkInterfaceId"}
    target = {api: work.inputs[name] for name, api in names.items() if work.inputs.get(name)}
    if target:
        work.call("AssociateAddress", AllocationId=work.id, **target)


EIP: Final = Row(
    "aws:ec2/eip:Eip",
    "ec2",
    (
        Prop("domain", computed=True, replace=True),
        Prop("instance", api="InstanceId", computed=True),
        Prop("networkInterface", api="NetworkInterfaceId", computed=True),
        *tags(),
        out("allocationId"),
        out("arn", value="arn:aws:ec2:{region}:{account}:elastic-ip/{id}"),
        out("associationId"),
        out("privateIp", api="PrivateIpAddress"),
        out("publicIp"),
    ),
    create=Create(
        "AllocateAddress",
        "AllocationId",
        build=tagged("elastic-ip"),
        leave_out=frozenset({"instance", "networkInterface"}),
    ),
    steps=(on({"instance", "networkInterface"}, _associate), EC2_TAGS),
    read=(Read("DescribeAddresses", {"AllocationIds": ["{id}"]}, "Addresses[0]"),),
    delete=_release,
)


def _lower(value: Any) -> str:
    """A truth value as the text that the schema of launch templates has for it."""
    return str(value).lower()


def _flag(name: str) -> Prop:
    return Prop(name, str, back=_lower)


def _tag_specs(specs: list[Props]) -> list[Props]:
    return [{"ResourceType": s["resourceType"], "Tags": pairs(s.get("tags") or {})} for s in specs]


def _tag_specs_back(found: list[Props]) -> list[Props]:
    return [{"resourceType": s["ResourceType"], "tags": unpairs(s["Tags"])} for s in found]


_EBS: Final = (
    _flag("deleteOnTermination"),
    _flag("encrypted"),
    Prop("iops", int),
    Prop("kmsKeyId"),
    Prop("throughput", int),
    Prop("volumeSize", int),
    Prop("volumeType"),
)
_INTERFACE: Final = (
    _flag("associatePublicIpAddress"),
    _flag("deleteOnTermination"),
    Prop("description"),
    Prop("deviceIndex", int),
    Prop("networkInterfaceId"),
    Prop("securityGroups", list, api="Groups"),
    Prop("subnetId"),
)
_METADATA: Final = (
    Prop("httpEndpoint"),
    Prop("httpPutResponseHopLimit", int),
    Prop("httpTokens"),
    Prop("instanceMetadataTags"),
)


def _data(name: str, kind: type = str, api: str = "", **more: Any) -> Prop:
    """A property of what the template launches; it lives in `LaunchTemplateData`."""
    member = api or name[0].upper() + name[1:]
    return Prop(name, kind, f"LaunchTemplateData.{member}", **more)


_DATA: Final = (
    _data("blockDeviceMappings", list, fields=(Prop("deviceName"), Prop("ebs", dict, fields=_EBS))),
    _data("creditSpecification", dict),
    _data("ebsOptimized", back=_lower),
    _data("iamInstanceProfile", dict),
    _data("imageId"),
    _data("instanceInitiatedShutdownBehavior"),
    _data("instanceType"),
    _data("keyName"),
    _data("metadataOptions", dict, fields=_METADATA),
    _data("monitoring", dict),
    _data("networkInterfaces", list, fields=_INTERFACE),
    _data("tagSpecifications", list, to=_tag_specs, back=_tag_specs_back),
    _data("userData"),
    _data("vpcSecurityGroupIds", list, "SecurityGroupIds"),
)
_VERSIONED: Final = frozenset({p.name for p in _DATA} | {"description"})


def _described(work: Work) -> Props:
    """`description` is the version's."""
    description = work.inputs.get("description")
    return {"VersionDescription": description} if description else {}


def _new_version(work: Work) -> None:
    params = work.params("CreateLaunchTemplateVersion", _VERSIONED - {"description"})
    made = work.call("CreateLaunchTemplateVersion", LaunchTemplateId=work.id, **params, **_described(work))
    if work.inputs.get("updateDefaultVersion"):
        _set_default(work, made["LaunchTemplateVersion"]["VersionNumber"])


def _set_default(work: Work, version: int) -> None:
    work.call("ModifyLaunchTemplate", LaunchTemplateId=work.id, DefaultVersion=str(version))


def _default_version(work: Work) -> None:
    if wanted := work.inputs.get("defaultVersion"):
        _set_default(work, int(wanted))


_LATEST: Final = Read(
    "DescribeLaunchTemplateVersions",
    {"LaunchTemplateId": "{id}", "Versions": ["$Latest"]},
    "LaunchTemplateVersions[0]",
    only=_VERSIONED,
)

LAUNCH_TEMPLATE: Final = Row(
    "aws:ec2/launchTemplate:LaunchTemplate",
    "ec2",
    (
        Prop("name", api="LaunchTemplateName", replace=True),
        Prop("description", api="VersionDescription"),
        Prop("defaultVersion", int, api="DefaultVersionNumber", computed=True),
        Prop("updateDefaultVersion", bool, local=True),
        *_DATA,
        *tags(),
        out("arn", value="arn:aws:ec2:{region}:{account}:launch-template/{id}"),
        out("latestVersion", int, api="LatestVersionNumber", moving=True),
    ),
    create=Create("CreateLaunchTemplate", "LaunchTemplate.LaunchTemplateId", build=tagged("launch-template")),
    steps=(
        on(_VERSIONED, _new_version, after_create=False),
        on({"defaultVersion"}, _default_version, after_create=False),
        EC2_TAGS,
    ),
    read=(
        Read("DescribeLaunchTemplates", {"LaunchTemplateIds": ["{id}"]}, "LaunchTemplates[0]"),
        _LATEST,
    ),
    delete=Delete("DeleteLaunchTemplate", {"LaunchTemplateId": "{id}"}),
    name="name",
)

ROWS: Final = (EIP, LAUNCH_TEMPLATE)
