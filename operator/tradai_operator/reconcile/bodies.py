"""Bodies as the API server sends them, cut down to what a turn reads.

Pure. Must never judge a body.
"""

from collections.abc import Mapping
from typing import Any

from tradai_operator.model import keys


def slim(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body without what no turn reads: the status, which is ours, and who has set which field."""
    metadata = {key: value for key, value in body["metadata"].items() if key != "managedFields"}
    return {key: value for key, value in body.items() if key != "status"} | {"metadata": metadata}


def retry_of(body: Mapping[str, Any]) -> Any:
    """The annotation that asks to try again."""
    return ((body.get("metadata") or {}).get("annotations") or {}).get(keys.RETRY)
