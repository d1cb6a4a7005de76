"""DynamoDB: a table's tag has one value, where moto adds each new one to the old ones.

Must never change a tag that a request does not name.
"""

from typing import Any

from moto.dynamodb.models import DynamoDBBackend

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """Let TagResource set tags anew."""
    wrap(DynamoDBBackend, tag_resource=_in_place_of_the_old)


def _in_place_of_the_old(original: Any) -> Any:
    def tag_resource(self: Any, arn: str, tags: dict[str, str]) -> None:
        self.untag_resource(arn, list(tags))
        original(self, arn, tags)

    return tag_resource
