"""The required tags (002 §9.2) over everything of the environment that AWS lists by tag; reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.documents.live import Facts, Live, tags_of


def tag(live: Live, name: str) -> Facts:
    """The values of the tag `name`, each once; "(none)" is among them where a resource lacks it."""
    filters = [{"Key": "Environment", "Values": [live.env]}]
    found: list[Mapping[str, Any]] = live.pages(
        "resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", TagFilters=filters
    )
    values = [tags_of(item["Tags"]).get(name, "(none)") for item in found]
    return {"values": sorted(set(values)), "resources": len(values)}
