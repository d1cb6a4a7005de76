"""What nobody may set in the harbour. Must never hold a value that people set."""

from typing import Final

from tradai_iac.base import Frozen
from tradai_iac.immutable import rows
from tradai_iac.stages import stage_in
from tradai_iac.tags import Tags

TAGS: Final = Tags(application="harbour", managed_by="pulumi", cost_center="harbour", owner="harbour-master")


class Settings(Frozen):
    """The values of one environment."""

    hours: int = 24
    tags: Tags = TAGS

    def unprotected(self) -> "Settings":
        """Nothing of the harbour refuses a deletion."""
        return self


STAGES: Final = {"dev": Settings(), "staging": Settings(), "prod": Settings(hours=48)}
IMMUTABLE: Final = rows("aws:kinesis/stream:Stream", "stream-name", "what was not read yet would be lost", "name")


def settings_for(environment: str) -> Settings:
    """The values of an environment; raises ValueError for a name that is none."""
    return stage_in(STAGES, environment, ephemeral=STAGES["dev"])
