"""What sqs-consumer is given by its deployment. Must never have a default for a table or a queue."""

from pydantic import Field

from shared.launch import LaunchSettings


class RetrainingSettings(LaunchSettings):
    """Its queue, the dead letters, its two tables, and what starting takes."""

    queue: str = Field(validation_alias="RETRAINING_QUEUE_URL")
    dead_letters: str = Field(validation_alias="DEAD_LETTER_QUEUE_URL")
    retraining_state: str = Field(validation_alias="RETRAINING_STATE_TABLE")
    workflow: str = Field(validation_alias="RETRAINING_WORKFLOW_ARN")
    idempotency: str = Field(validation_alias="IDEMPOTENCY_TABLE")
