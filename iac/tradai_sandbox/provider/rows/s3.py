"""Buckets (S3).

Must never empty a bucket unless the program says `forceDestroy`.
"""

from typing import Final

from tradai_sandbox.provider.calls import Delete, Read, forgiving, on
from tradai_sandbox.provider.failures import ApiError, is_gone
from tradai_sandbox.provider.props import Prop, Props, document, local, out, pairs, tags, unpairs
from tradai_sandbox.provider.row import Row, Work

_BUCKET: Final = {"Bucket": "{id}"}
#: Zone of S3's website endpoints, by region; only those that the documents speak of.
_HOSTED_ZONES: Final = {"eu-central-1": "Z21DNDUVLTQW6Q", "us-east-1": "Z3AQBSTGFYJSTF"}


def _create(work: Work) -> str:
    """The default region alone must not be named (S3's own rule)."""
    wanted = work.params("CreateBucket", frozenset({"bucket", "objectLockEnabled"}))
    if work.region != "us-east-1":
        wanted["CreateBucketConfiguration"] = {"LocationConstraint": work.region}
    work.call("CreateBucket", **wanted)
    return str(work.inputs["bucket"])


def _read(work: Work) -> Props | None:
    """What follows from the name, if there is such a bucket: who asks for its tags is told that it has none, or that
    it is not there."""
    try:
        found = work.call("GetBucketTagging", Bucket=work.id)["TagSet"]
    except ApiError as error:
        if error.code == "NoSuchTagSet":
            found = []
        elif is_gone(error):
            return None
        else:
            raise
    return {
        "tags": unpairs(found),
        "bucket": work.id,
        "arn": f"arn:aws:s3:::{work.id}",
        "bucketDomainName": f"{work.id}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{work.id}.s3.{work.region}.amazonaws.com",
        "bucketRegion": work.region,
        "hostedZoneId": _HOSTED_ZONES.get(work.region, ""),
    }


def _retag(work: Work) -> None:
    """A bucket's tags are set as a whole."""
    if wanted := work.inputs.get("tags"):
        work.call("PutBucketTagging", Bucket=work.id, Tagging={"TagSet": pairs(wanted)})
    else:
        work.call("DeleteBucketTagging", Bucket=work.id)


def _delete(work: Work) -> None:
    if work.inputs.get("forceDestroy"):
        _empty(work)
    forgiving(work, "DeleteBucket", Bucket=work.id)


def _empty(work: Work) -> None:
    """Deletes every version of every object, a page at a time."""
    while True:
        page = forgiving(work, "ListObjectVersions", Bucket=work.id)
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not found:
            return
        keys = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        work.call("DeleteObjects", Bucket=work.id, Delete={"Objects": keys, "Quiet": True})


BUCKET: Final = Row(
    "aws:s3/bucket:Bucket",
    "s3",
    (
        Prop("bucket", replace=True),
        local("forceDestroy", default=False),
        Prop("objectLockEnabled", bool, api="ObjectLockEnabledForBucket", replace=True, write_only=True),
        *tags(to=None, api="TagSet"),
        out("arn"),
        out("bucketDomainName"),
        out("bucketRegionalDomainName"),
        out("bucketRegion"),
        out("hostedZoneId"),
    ),
    create=_create,
    read=(_read,),
    steps=(on({"tags"}, _retag),),
    delete=_delete,
    id="{bucket}",
    name="bucket",
    gone=frozenset({"404"}),
)

_BUCKET_PROP: Final = Prop("bucket", required=True, replace=True)


def _setting(name: str, props: tuple[Prop, ...], *, put: str, get: Read, delete: Delete) -> Row:
    """A type that is one setting of a bucket; its id is the bucket's name."""
    names = frozenset(p.name for p in props)

    def apply(work: Work) -> str:
        bucket = str(work.inputs["bucket"])
        work.call(put, **{**work.params(put, names), "Bucket": bucket})
        return bucket

    def read(work: Work) -> Props | None:
        found = get(work)
        return {**found, "bucket": work.id} if found else None

    return Row(
        f"aws:s3/{name[0].lower()}{name[1:]}:{name}",
        "s3",
        (_BUCKET_PROP, *props),
        create=apply,
        read=(read,),
        steps=(on(names, apply, after_create=False),),
        delete=delete,
        id="{bucket}",
        delete_first=True,
    )


_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

VERSIONING: Final = _setting(
    "BucketVersioning",
    (Prop("versioningConfiguration", dict, api="VersioningConfiguration", required=True),),
    put="PutBucketVersioning",
    get=Read(
        "GetBucketVersioning",
        _BUCKET,
        alive=lambda found: "Status" in found,
        reshape=lambda found: {
            "VersioningConfiguration": {k: v for k, v in found.items() if k in ("Status", "MFADelete")}
        },
    ),
    delete=Delete("PutBucketVersioning", {**_BUCKET, "VersioningConfiguration": {"Status": "Suspended"}}),
)

ENCRYPTION: Final = _setting(
    "BucketServerSideEncryptionConfiguration",
    (Prop("rules", list, api="ServerSideEncryptionConfiguration.Rules", required=True),),
    put="PutBucketEncryption",
    get=Read("GetBucketEncryption", _BUCKET),
    delete=Delete("DeleteBucketEncryption", _BUCKET),
)

PUBLIC_ACCESS: Final = _setting(
    "BucketPublicAccessBlock",
    tuple(
        Prop(name, bool, f"PublicAccessBlockConfiguration.{name[0].upper()}{name[1:]}", default=False)
        for name in _BLOCKS
    ),
    put="PutPublicAccessBlock",
    get=Read("GetPublicAccessBlock", _BUCKET),
    delete=Delete("DeletePublicAccessBlock", _BUCKET),
)

LIFECYCLE: Final = _setting(
    "BucketLifecycleConfiguration",
    (Prop("rules", list, api="LifecycleConfiguration.Rules"),),
    put="PutBucketLifecycleConfiguration",
    get=Read(
        "GetBucketLifecycleConfiguration",
        _BUCKET,
        reshape=lambda found: {"LifecycleConfiguration": {"Rules": found["Rules"]}},
    ),
    delete=Delete("DeleteBucketLifecycle", _BUCKET),
)

POLICY: Final = _setting(
    "BucketPolicy",
    (document("policy", required=True),),
    put="PutBucketPolicy",
    get=Read("GetBucketPolicy", _BUCKET),
    delete=Delete("DeleteBucketPolicy", _BUCKET),
)

ROWS: Final = (BUCKET, POLICY, VERSIONING, ENCRYPTION, PUBLIC_ACCESS, LIFECYCLE)
