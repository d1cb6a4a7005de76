"""How the sandbox's provider serves a stream. Must never hold machinery."""

from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, retag
from tradai_sandbox.provider.props import Prop, out, tags
from tradai_sandbox.provider.row import Row

_STREAM: Final = {"StreamName": "{name}"}

ROWS: Final = (
    Row(
        "aws:kinesis/stream:Stream",
        "kinesis",
        (
            Prop("name", api="StreamName", replace=True),
            Prop("shardCount", int, "ShardCount|OpenShardCount|TargetShardCount"),
            *tags(to=None),
            out("arn", api="StreamARN"),
        ),
        create=Create("CreateStream"),
        steps=(
            change(
                {"shardCount"},
                "UpdateShardCount",
                _STREAM,
                build=lambda _: {"ScalingType": "UNIFORM_SCALING"},
                after_create=False,
            ),
            retag("AddTagsToStream", "RemoveTagsFromStream", _STREAM),
        ),
        read=(
            Read(
                "DescribeStreamSummary",
                _STREAM,
                at="StreamDescriptionSummary",
                settled=lambda found: found["StreamStatus"] in {"ACTIVE", "DELETING"},
                alive=lambda found: found["StreamStatus"] != "DELETING",
            ),
            Read("ListTagsForStream", _STREAM, only=frozenset({"tags"})),
        ),
        delete=Delete("DeleteStream", _STREAM),
        id="arn:aws:kinesis:{region}:{account}:stream/{name}",
        name="name",
    ),
)
