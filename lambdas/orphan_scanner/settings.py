"""What orphan-scanner is given by its deployment. Must never have a default for a name."""

from pydantic import Field

from shared.settings import Settings


class OrphanScannerSettings(Settings):
    """Where jobs, runs of the retraining and traders are written down, where tasks and executions run."""

    workflow_state: str = Field(validation_alias="WORKFLOW_STATE_TABLE")
    retraining_state: str = Field(validation_alias="RETRAINING_STATE_TABLE")
    trading_state: str = Field(validation_alias="TRADING_STATE_TABLE")
    cluster: str = Field(validation_alias="ECS_CLUSTER")
    workflow: str = Field(validation_alias="BACKTEST_WORKFLOW_ARN")
    alerts: str = Field(validation_alias="SNS_ALERTS_TOPIC_ARN")

    def execution_of(self, run_id: str) -> str:
        """The execution that a run has where it has one: executions are named by their runs."""
        return f"{self.workflow.replace(':stateMachine:', ':execution:', 1)}:{run_id}"
