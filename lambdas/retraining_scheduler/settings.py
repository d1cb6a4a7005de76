"""What retraining-scheduler is given by its deployment. Must never have a default for a table or a queue."""

from pydantic import Field

from shared.settings import Settings


class SchedulerSettings(Settings):
    """Its two tables, the queue that it sends to, and the workflow whose ends it looks for."""

    drift_state: str = Field(validation_alias="DRIFT_STATE_TABLE")
    retraining_state: str = Field(validation_alias="RETRAINING_STATE_TABLE")
    queue: str = Field(validation_alias="RETRAINING_QUEUE_URL")
    workflow: str = Field(validation_alias="RETRAINING_WORKFLOW_ARN")
