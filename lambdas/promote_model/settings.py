"""What promote-model is given by its deployment. Must never have a default for an address."""

from pydantic import Field

from shared.settings import Settings


class PromoteModelSettings(Settings):
    """MLflow with its login, the tables, and the topics on which it, or a rollback that died, is told."""

    tracking_uri: str = Field(validation_alias="MLFLOW_TRACKING_URI")
    credentials_arn: str = Field(validation_alias="MLFLOW_CREDENTIALS_SECRET_ARN")
    rollback_state: str = Field(validation_alias="ROLLBACK_STATE_TABLE")
    deployments: str = Field(validation_alias="DEPLOYMENTS_TABLE")
    retraining_state: str = Field(validation_alias="RETRAINING_STATE_TABLE")
    alerts_topic: str = Field(validation_alias="SNS_ALERTS_TOPIC_ARN")
    registration_topic: str = Field(validation_alias="SNS_REGISTRATION_TOPIC_ARN")
