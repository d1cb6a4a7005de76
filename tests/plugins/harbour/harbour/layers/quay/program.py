"""The harbour's quay: one stream. Must never hold a name: `naming` does."""

import pulumi_aws as aws

from harbour.config import QuayConfig
from harbour.contracts import QuayInputs, QuayOutputs
from harbour.settings import Settings
from tradai_iac.context import Context


def program(config: QuayConfig, context: Context[Settings], inputs: QuayInputs) -> QuayOutputs:
    """Declare the whole layer; raises RuntimeError where no ship can come."""
    if config.closed:
        raise RuntimeError("the harbour is closed")
    stream = aws.kinesis.Stream(
        "ships",
        name=context.naming.name("ships"),
        shard_count=config.berths,
        tags={"Store": inputs.store.bucket_name},
    )
    return QuayOutputs(stream_arn=stream.arn)
