"""What check-retraining-needed is given by its deployment. Must never have a default for a table."""

from pydantic import Field

from shared.settings import Settings


class CheckSettings(Settings):
    """Its two tables."""

    drift_state: str = Field(validation_alias="DRIFT_STATE_TABLE")
    retraining_state: str = Field(validation_alias="RETRAINING_STATE_TABLE")
