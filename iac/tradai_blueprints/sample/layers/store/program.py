"""The sample's store: a table and a bucket, protected where the environment is.

Must never hold a name: `naming` does.
"""

import pulumi
import pulumi_aws as aws

from tradai_blueprints.sample.config import StoreConfig
from tradai_blueprints.sample.context import Context
from tradai_blueprints.sample.contracts import StoreInputs, StoreOutputs
from tradai_iac.core.component import Component

_KEY = "id"


def program(
    config: StoreConfig,
    context: Context,
    inputs: StoreInputs,  # noqa: ARG001 - every layer's program has this shape
) -> StoreOutputs:
    """Declare the whole layer."""
    store = Store("store", config, context)
    return StoreOutputs(table_name=store.table.name, table_arn=store.table.arn, bucket_name=store.bucket.bucket)


class Store(Component):
    """`table` and `bucket`."""

    def __init__(self, name: str, config: StoreConfig, context: Context) -> None:
        stage = context.settings.stage
        super().__init__("store:Store", name, pulumi.ResourceOptions(protect=stage.deletion_protection))
        keys = [_KEY, *([config.sort_key] if config.sort_key else [])]
        self.table = aws.dynamodb.Table(
            "items",
            name=context.naming.name("items", kind="dynamodb-table"),
            billing_mode="PAY_PER_REQUEST",
            hash_key=_KEY,
            range_key=config.sort_key,
            attributes=[aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in keys],
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
            deletion_protection_enabled=stage.deletion_protection,
            tags={"Note": config.note},
            opts=self.child(),
        )
        self.bucket = aws.s3.Bucket(
            "files",
            bucket=context.naming.name("files", context.account_id, kind="s3-bucket"),
            force_destroy=not stage.keep_data,
            opts=self.child(),
        )
        aws.s3.BucketPublicAccessBlock(
            "files",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        self.register_outputs({"table": self.table.name, "bucket": self.bucket.bucket})
