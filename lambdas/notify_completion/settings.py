"""What notify-completion is given by its deployment. Must never have a default for where messages go."""

from pydantic import Field

from shared.settings import Settings


class NotifyCompletionSettings(Settings):
    """The table of notifications, and the topic that people read."""

    notifications: str = Field(validation_alias="NOTIFICATIONS_TABLE")
    alerts: str = Field(validation_alias="SNS_ALERTS_TOPIC_ARN")
