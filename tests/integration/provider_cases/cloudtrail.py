"""Trails."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _trail(aws: Aws, state: Props) -> Any:
    found = aws("cloudtrail").describe_trails(trailNameList=[state["id"]])["trailList"][0]
    logging = aws("cloudtrail").get_trail_status(Name=state["id"])["IsLogging"]
    return [found["S3KeyPrefix"], found["IsMultiRegionTrail"], logging]


CASES: Final = (
    Case(
        "cloudtrail.bucket",
        "aws:s3/bucket:Bucket",
        {"bucket": "case-trail", "force_destroy": True},
        lambda aws, state: aws("s3").head_bucket(Bucket=state["id"])["ResponseMetadata"]["HTTPStatusCode"],
        200,
        not_imported=frozenset({"forceDestroy"}),
    ),
    Case(
        "cloudtrail.trail",
        "aws:cloudtrail/trail:Trail",
        {
            "name": "case-trail",
            "s3_bucket_name": Ref("cloudtrail.bucket", "bucket"),
            "s3_key_prefix": "one",
            "is_multi_region_trail": True,
            "enable_log_file_validation": True,
            "tags": {"a": "1"},
        },
        _trail,
        ["one", True, True],
        update={"s3_key_prefix": "two", "enable_logging": False, "tags": {"b": "2"}},
        updated=["two", True, False],
        meddle=lambda aws, state: aws("cloudtrail").start_logging(Name=state["id"]),
        drifted=frozenset({"enableLogging"}),
        replace={"name": "case-trail-2"},
    ),
)
