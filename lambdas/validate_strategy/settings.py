"""What validate-strategy is given by its deployment. Must never have a default for what it asks."""

from pydantic import Field

from shared.settings import Settings


class ValidateStrategySettings(Settings):
    """Registered configurations with their texts, and who knows the strategies."""

    config_versions: str = Field(validation_alias="CONFIG_VERSIONS_TABLE")
    configs: str = Field(validation_alias="S3_CONFIGS_BUCKET")
    strategy_service: str = Field(validation_alias="STRATEGY_SERVICE_URL")
