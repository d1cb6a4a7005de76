"""The five buckets (002 §3.1; 000 IS001): encrypted, closed to the public and to plain HTTP.

Must never empty a bucket of an environment that keeps its data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.storage import Bucket
from tradai_blueprints.tradai.layers.persistent.log_delivery import LogDelivery
from tradai_iac.core.component import Component
from tradai_iac.core.policy import PolicyBuilder
from tradai_iac.naming import Naming
from tradai_iac.state_bucket import OldVersions


@dataclass(frozen=True)
class BucketsArgs:
    """`log_delivery` says who may write to the bucket `logs_bucket`; with `keep_data` none is emptied to be deleted."""

    buckets: Sequence[Bucket]
    naming: Naming
    keep_data: bool
    log_delivery: LogDelivery
    logs_bucket: str = "logs"


class Buckets(Component):
    """The buckets by their component name; `policies` must exist before anybody delivers logs."""

    def __init__(self, name: str, args: BucketsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("persistent:Buckets", name, opts)
        self.buckets: dict[str, aws.s3.Bucket] = {}
        self.policies: dict[str, aws.s3.BucketPolicy] = {}
        for row in args.buckets:
            bucket = aws.s3.Bucket(
                row.name,
                bucket=args.naming.name(row.name, kind="s3-bucket"),
                force_destroy=not args.keep_data,
                opts=self.child(),
            )
            self.buckets[row.name] = bucket
            close(self, row.name, bucket, row.encryption)
            if row.versioned:
                keep_versions(self, row.name, bucket)
            self._expire(row, bucket)
            self._guard(row, bucket, args)
        self.register_outputs({"ids": self.ids, "arns": self.arns})

    @property
    def ids(self) -> Mapping[str, pulumi.Output[str]]:
        """Component name → bucket name."""
        return {name: bucket.id for name, bucket in self.buckets.items()}

    @property
    def arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Component name → ARN."""
        return {name: bucket.arn for name, bucket in self.buckets.items()}

    def _expire(self, row: Bucket, bucket: aws.s3.Bucket) -> None:
        rules = lifecycle_rules(row)
        if rules:
            aws.s3.BucketLifecycleConfiguration(row.name, bucket=bucket.id, rules=rules, opts=self.child())

    def _guard(self, row: Bucket, bucket: aws.s3.Bucket, args: BucketsArgs) -> None:
        policy = PolicyBuilder().deny(
            ["s3:*"],
            [bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
            principals="*",
            conditions={"Bool": {"aws:SecureTransport": "false"}},
            sid="DenyInsecureTransport",
        )
        if row.name == args.logs_bucket:
            args.log_delivery.allow(policy, bucket.arn)
        self.policies[row.name] = aws.s3.BucketPolicy(
            row.name, bucket=bucket.id, policy=policy.build(), opts=self.child()
        )


def lifecycle_rules(row: Bucket) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """The lifecycle of 002 §3.1 as rules over every object; empty where objects stay."""
    rule = aws.s3.BucketLifecycleConfigurationRuleArgs
    everything = aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    rules = []
    if row.glacier_after_days:
        transition = aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(
            days=row.glacier_after_days, storage_class="GLACIER"
        )
        rules.append(rule(id="to-glacier", status="Enabled", filter=everything, transitions=[transition]))
    if row.delete_after_days:
        expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=row.delete_after_days)
        rules.append(rule(id="delete", status="Enabled", filter=everything, expiration=expiration))
    return rules


def close(owner: Component, name: str, bucket: aws.s3.Bucket, algorithm: str, **options: Any) -> None:
    """Encrypt a bucket by default and block every public access; `options` are resource options."""
    aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=owner.child(**options),
    )
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm=algorithm
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.id,
        rules=[aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(apply_server_side_encryption_by_default=default)],
        opts=owner.child(**options),
    )


def keep_versions(owner: Component, name: str, bucket: aws.s3.Bucket, **options: Any) -> aws.s3.BucketVersioning:
    """Keep every version of every object; `options` are resource options."""
    return aws.s3.BucketVersioning(
        name,
        bucket=bucket.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=owner.child(**options),
    )


def drop_versions(owner: Component, name: str, bucket: aws.s3.Bucket, old: OldVersions, **options: Any) -> None:
    """Remove old versions by that rule, and have no other; `options` are resource options."""
    expiration = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
        noncurrent_days=old.days, newer_noncurrent_versions=old.newest
    )
    rule = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id=old.rule,
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        noncurrent_version_expiration=expiration,
    )
    aws.s3.BucketLifecycleConfiguration(name, bucket=bucket.id, rules=[rule], opts=owner.child(**options))
