"""Image repositories and their lifecycle policies (ECR).

Must never delete images unless the program says `forceDelete`.
"""

from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, retag
from tradai_sandbox.provider.props import Prop, document, local, out, tags
from tradai_sandbox.provider.row import Row

_REPOSITORY: Final = {"repositoryName": "{id}"}
_ARN: Final = {"resourceArn": "{arn}"}

REPOSITORY: Final = Row(
    "aws:ecr/repository:Repository",
    "ecr",
    (
        Prop("name", api="repositoryName", replace=True),
        Prop("imageTagMutability", default="MUTABLE"),
        Prop("imageScanningConfiguration", dict),
        Prop(
            "encryptionConfigurations",
            list,
            "encryptionConfiguration",
            to=lambda found: found[0],
            back=lambda found: [found],
            replace=True,
            computed=True,
        ),
        local("forceDelete"),
        *tags(),
        out("arn", api="repositoryArn"),
        out("registryId"),
        out("repositoryUrl", api="repositoryUri"),
    ),
    create=Create("CreateRepository"),
    read=(
        Read("DescribeRepositories", {"repositoryNames": ["{id}"]}, at="repositories[0]"),
        Read("ListTagsForResource", _ARN, only=frozenset({"tags"})),
    ),
    steps=(
        change({"imageTagMutability"}, "PutImageTagMutability", _REPOSITORY, after_create=False),
        change({"imageScanningConfiguration"}, "PutImageScanningConfiguration", _REPOSITORY, after_create=False),
        retag("TagResource", "UntagResource", _ARN, tags="tags", keys="tagKeys"),
    ),
    delete=Delete(
        "DeleteRepository",
        _REPOSITORY,
        build=lambda work: {"force": bool(work.inputs.get("forceDelete"))},
    ),
    id="{name}",
    name="name",
)

LIFECYCLE_POLICY: Final = Row(
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "ecr",
    (
        Prop("repository", api="repositoryName", required=True, replace=True),
        document("policy", "lifecyclePolicyText", required=True),
        out("registryId"),
    ),
    create=Create("PutLifecyclePolicy"),
    read=(Read("GetLifecyclePolicy", _REPOSITORY),),
    steps=(change({"policy"}, "PutLifecyclePolicy", _REPOSITORY, after_create=False),),
    delete=Delete("DeleteLifecyclePolicy", _REPOSITORY),
    id="{repository}",
    delete_first=True,
)

ROWS: Final = (REPOSITORY, LIFECYCLE_POLICY)
