"""The bucket of the stacks' own state (001 §4; 000): it was there before, and stays when the stack goes.

Must never create, empty or delete that bucket: a stack that destroys its own state cannot finish.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.layers.persistent.s3 import close, drop_versions, keep_versions
from tradai_iac.core.component import Component
from tradai_iac.state_bucket import OldVersions


@dataclass(frozen=True)
class StateBucketArgs:
    """Name of the bucket that was bootstrapped, and what stays of old versions in it."""

    bucket: str
    old: OldVersions
    encryption: str = "AES256"


class StateBucket(Component):
    """The state bucket, taken over: versioned within bounds, encrypted, closed, and left alone upon deletion."""

    def __init__(self, name: str, args: StateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("persistent:StateBucket", name, opts)
        self.bucket = aws.s3.Bucket(
            "state",
            bucket=args.bucket,
            opts=self.child(import_=args.bucket, retain_on_delete=True),
        )
        versioned = keep_versions(self, "state", self.bucket, retain_on_delete=True)
        drop_versions(self, "state", self.bucket, args.old, retain_on_delete=True, depends_on=[versioned])
        close(self, "state", self.bucket, args.encryption, retain_on_delete=True)
        self.register_outputs({"bucket": self.bucket.id})
