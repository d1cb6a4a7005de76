"""What compare-models is given by its deployment. Must never have a default for an address."""

from pydantic import Field

from shared.settings import Settings


class CompareModelsSettings(Settings):
    """MLflow with its login, and the table of shadow tests."""

    tracking_uri: str = Field(validation_alias="MLFLOW_TRACKING_URI")
    credentials_arn: str = Field(validation_alias="MLFLOW_CREDENTIALS_SECRET_ARN")
    shadow_tests: str = Field(validation_alias="SHADOW_TEST_STATE_TABLE")
