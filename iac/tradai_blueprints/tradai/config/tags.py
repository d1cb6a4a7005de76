"""The fixed values of the tags that every resource must carry (002 §9.2).

Must never apply them: `core.tagging` does, to everything taggable.
"""

from typing import Final

from tradai_iac.tags import Tags

TAGS: Final = Tags(application="tradai", managed_by="pulumi", cost_center="trading-platform", owner="platform-team")
