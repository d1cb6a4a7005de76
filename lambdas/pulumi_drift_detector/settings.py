"""What pulumi-drift-detector is given by its deployment. Must never be given what opens a state."""

from pydantic import Field

from shared.settings import Settings

#: What DRIFT_RUNNER_TASK_DEFINITION says where nobody has set one up.
NONE = "none"


class DriftSettings(Settings):
    """The state bucket, which is not there where states are in none, the table of looks, and the task that looks."""

    state_bucket: str | None = Field(default=None, validation_alias="PULUMI_STATE_BUCKET")
    table: str = Field(validation_alias="INFRA_DRIFT_STATE_TABLE")
    alerts: str = Field(validation_alias="SNS_ALERTS_TOPIC_ARN")
    task_definition: str = Field(validation_alias="DRIFT_RUNNER_TASK_DEFINITION")
    cluster: str = Field(validation_alias="ECS_CLUSTER")
    subnets: str = Field(validation_alias="ECS_SUBNETS")
    security_groups: str = Field(validation_alias="ECS_SECURITY_GROUPS")

    @property
    def has_runner(self) -> bool:
        """Whether there is a task that looks."""
        return self.task_definition != NONE
