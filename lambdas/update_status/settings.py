"""What update-status is given by its deployment. Must never have a default for a table's name."""

from pydantic import AliasChoices, Field

from shared.settings import Settings


class UpdateStatusSettings(Settings):
    """The table of jobs; strategy containers know it by the other name (002 §2.5)."""

    workflow_state: str = Field(validation_alias=AliasChoices("WORKFLOW_STATE_TABLE", "DYNAMODB_TABLE"))
