"""What backtest-consumer is given by its deployment. Must never have a default for a table or a queue."""

from pydantic import AliasChoices, Field

from shared.launch import LaunchSettings


class ConsumerSettings(LaunchSettings):
    """Its queue, the dead letters, its two tables, and what starting takes."""

    queue: str = Field(validation_alias="BACKTEST_QUEUE_URL")
    dead_letters: str = Field(validation_alias="DEAD_LETTER_QUEUE_URL")
    workflow_state: str = Field(validation_alias=AliasChoices("WORKFLOW_STATE_TABLE", "DYNAMODB_TABLE"))
    idempotency: str = Field(validation_alias="IDEMPOTENCY_TABLE")
