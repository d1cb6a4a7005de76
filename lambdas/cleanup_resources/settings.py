"""What cleanup-resources is given by its deployment. Must never have a default for the cluster."""

from pydantic import Field

from shared.settings import Settings


class CleanupResourcesSettings(Settings):
    """The cluster whose tasks it may stop."""

    cluster: str = Field(validation_alias="ECS_CLUSTER")
