"""What health-check is given by its deployment. Must never have an address of its own."""

from pydantic import Field

from shared.settings import Settings

#: What STANDING_SERVICES says where none is meant to run.
NONE = "none"


class HealthCheckSettings(Settings):
    """Each service's address, and which of them are meant to run."""

    health_state: str = Field(validation_alias="HEALTH_STATE_TABLE")
    alerts: str = Field(validation_alias="SNS_ALERTS_TOPIC_ARN")
    standing_services: str = Field(validation_alias="STANDING_SERVICES")
    backend_api: str = Field(validation_alias="BACKEND_API_URL")
    data_collection: str = Field(validation_alias="DATA_COLLECTION_URL")
    strategy_service: str = Field(validation_alias="STRATEGY_SERVICE_URL")
    live_trading: str = Field(validation_alias="LIVE_TRADING_URL")
    dry_run_trading: str = Field(validation_alias="DRY_RUN_TRADING_URL")
    mlflow: str = Field(validation_alias="MLFLOW_TRACKING_URI")

    @property
    def standing(self) -> frozenset[str]:
        """The services that are meant to run."""
        return frozenset(self.standing_services.split(",")) - {NONE}

    def address(self, service: str) -> str:
        """Where a service answers; raises AttributeError for one that has no variable."""
        found: str = getattr(self, service.replace("-", "_"))
        return found
