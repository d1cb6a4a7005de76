"""What trading-heartbeat-check is given by its deployment. Must never have a default for a table's name."""

from pydantic import Field

from shared.settings import Settings

#: The service that trades with money (002 §2.2).
_LIVE = "live-trading"


class HeartbeatSettings(Settings):
    """The table of heartbeats, where people are told, and which services are meant to run."""

    trading_state: str = Field(validation_alias="TRADING_STATE_TABLE")
    alerts: str = Field(validation_alias="SNS_ALERTS_TOPIC_ARN")
    standing_services: str = Field(validation_alias="STANDING_SERVICES")

    @property
    def trades_live(self) -> bool:
        """Whether live trading is meant to run in this environment."""
        return _LIVE in self.standing_services.split(",")
