"""The harbour's store: one bucket. Must never hold a name: `naming` does."""

import pulumi_aws as aws

from harbour.config import StoreConfig
from harbour.contracts import StoreInputs, StoreOutputs
from harbour.settings import Settings
from tradai_iac.context import Context


def program(config: StoreConfig, context: Context[Settings], inputs: StoreInputs) -> StoreOutputs:
    """Declare the whole layer."""
    bucket = aws.s3.Bucket(
        "goods",
        bucket=context.naming.name("goods", context.account_id, kind="s3-bucket"),
        force_destroy=True,
        tags={"Goods": config.goods},
    )
    return StoreOutputs(bucket_name=bucket.bucket)
