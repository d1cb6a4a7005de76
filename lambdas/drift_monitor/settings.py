"""What drift-monitor is given by its deployment. Must never have a name of a bucket or a table of its own."""

from pydantic import Field

from shared.settings import Settings


class DriftMonitorSettings(Settings):
    """Where windows lie, where champions are known, where verdicts go."""

    drift_state: str = Field(validation_alias="DRIFT_STATE_TABLE")
    results_bucket: str = Field(validation_alias="S3_RESULTS_BUCKET")
    tracking_uri: str = Field(validation_alias="MLFLOW_TRACKING_URI")
    mlflow_credentials: str = Field(validation_alias="MLFLOW_CREDENTIALS_SECRET_ARN")
    alerts: str = Field(validation_alias="SNS_ALERTS_TOPIC_ARN")
