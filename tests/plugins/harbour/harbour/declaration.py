"""The harbour as everybody else knows it, and what its deploying role may do. Must never hold logic."""

from typing import Final

from harbour.config import QuayConfig, StoreConfig
from harbour.contracts import QuayInputs, QuayOutputs, StoreInputs, StoreOutputs
from harbour.settings import IMMUTABLE, settings_for
from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.rights import right
from tradai_iac.safeguards import SAFEGUARDS

_STREAMS: Final = "arn:aws:kinesis:{region}:{account}:stream/{name}"

HARBOUR: Final = Blueprint(
    name="harbour",
    project="harbour",
    package="harbour",
    stages=("dev", "staging", "prod"),
    layers=(
        Layer("store", StoreConfig, StoreInputs, StoreOutputs),
        Layer("quay", QuayConfig, QuayInputs, QuayOutputs),
    ),
    settings=settings_for,
    teardown={
        "Retain": frozenset(),
        "Soft": frozenset({"quay"}),
        "All": frozenset({"quay"}),
        "Everything": frozenset({"quay", "store"}),
    },
    data_bearing=frozenset({"aws:s3/bucket:Bucket", "aws:kinesis/stream:Stream"}),
    safeguards=SAFEGUARDS,
    immutable=IMMUTABLE,
    endpoint_services=("kinesis",),
    rights={
        "ships": (
            right("kinesis", "kinesis", "CreateStream DeleteStream UpdateShardCount AddTagsToStream", _STREAMS),
            right("kinesis", "kinesis", "DescribeStreamSummary ListTagsForStream RemoveTagsFromStream", _STREAMS),
            right("s3", "s3", "CreateBucket DeleteBucket Get* Put* List*", "arn:aws:s3:::{name}"),
        )
    },
)
