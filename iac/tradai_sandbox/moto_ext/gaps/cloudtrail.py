"""CloudTrail: DescribeTrails answers with the trails that were asked for, by name or ARN.

Must never add a trail to an answer of moto's.
"""

import json
from typing import Any

from moto.cloudtrail import responses

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """Keep in the answer what the request names; a request without names asks for all."""
    wrap(responses.CloudTrailResponse, describe_trails=_asked_for)


def _asked_for(original: Any) -> Any:
    def describe_trails(self: Any) -> str:
        named = self._get_param("trailNameList")
        trails = json.loads(original(self))["trailList"]
        return json.dumps({"trailList": [t for t in trails if not named or {t["Name"], t["TrailARN"]} & set(named)]})

    return describe_trails
