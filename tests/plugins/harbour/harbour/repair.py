"""How a stream is found that a dead run left behind. Must never hold a call that writes."""

from typing import Final

from tradai_runner.repair.find import Find, Tags

ROWS: Final = (
    Find(
        "aws:kinesis/stream:Stream",
        "kinesis",
        "describe_stream_summary",
        {"StreamName": "$name"},
        "[StreamDescriptionSummary.{id: StreamARN, arn: StreamARN, made: StreamCreationTimestamp, "
        "ready: StreamStatus=='ACTIVE'}]",
        Tags("list_tags_for_stream", {"StreamARN": "$arn"}, "Tags"),
        tagged_later=True,
    ),
)
