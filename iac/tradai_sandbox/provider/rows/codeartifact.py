"""Package domains and repositories (CodeArtifact).

Must never hold packages or tokens.
"""

from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, retag
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.props import Prop, Props, lower_pairs, out, tags
from tradai_sandbox.provider.row import Row

_ARN: Final = {"resourceArn": "{id}"}
_TAGS: Final = Read("ListTagsForResource", _ARN, only=frozenset({"tags"}))
_RETAG: Final = retag("TagResource", "UntagResource", _ARN, tags="tags", keys="tagKeys")

DOMAIN: Final = Row(
    "aws:codeartifact/domain:Domain",
    "codeartifact",
    (
        Prop("domain", api="domain|name", required=True, replace=True),
        Prop("encryptionKey", replace=True, computed=True),
        *tags(to=lower_pairs),
        out("arn"),
        out("owner"),
        out("createdTime"),
        out("s3BucketArn"),
    ),
    create=Create("CreateDomain", id="domain.arn"),
    read=(Read("DescribeDomain", {"domain": "{domain}"}, at="domain"), _TAGS),
    steps=(_RETAG,),
    delete=Delete("DeleteDomain", {"domain": "{domain}"}),
    import_id="arn:aws:codeartifact:{region}:{owner}:domain/{domain}",
    delete_first=True,
)

_REPOSITORY: Final = {"domain": "{domain}", "repository": "{repository}"}

REPOSITORY: Final = Row(
    "aws:codeartifact/repository:Repository",
    "codeartifact",
    (
        Prop("domain", api="domain|domainName", required=True, replace=True),
        Prop("repository", api="repository|name", required=True, replace=True),
        Prop("domainOwner", replace=True, computed=True),
        Prop("description"),
        Prop("upstreams", list),
        *tags(to=lower_pairs),
        out("arn"),
        out("administratorAccount"),
    ),
    create=Create("CreateRepository", id="repository.arn"),
    read=(Read("DescribeRepository", _REPOSITORY, at="repository"), _TAGS),
    steps=(change({"description", "upstreams"}, "UpdateRepository", _REPOSITORY, after_create=False), _RETAG),
    delete=Delete("DeleteRepository", _REPOSITORY),
    import_id="arn:aws:codeartifact:{region}:{domainOwner}:repository/{domain}/{repository}",
    delete_first=True,
)


def _endpoint(cloud: Cloud, args: Props) -> Props:
    wanted = {key: args[key] for key in ("domain", "repository", "format", "domainOwner") if args.get(key)}
    found = cloud.call("codeartifact", "GetRepositoryEndpoint", **wanted)
    owner = args.get("domainOwner") or cloud.account_id
    return {
        **wanted,
        "domainOwner": owner,
        "id": f"{owner}:{args['domain']}:{args['repository']}:{args['format']}",
        "region": cloud.settings.region,
        "repositoryEndpoint": found["repositoryEndpoint"],
    }


ROWS: Final = (DOMAIN, REPOSITORY)
INVOKES: Final = {"aws:codeartifact/getRepositoryEndpoint:getRepositoryEndpoint": _endpoint}
