"""What data-collection-proxy is given by its deployment. Must never have an address of its own."""

from pydantic import Field

from shared.settings import Settings


class DataCollectionProxySettings(Settings):
    """Where data-collection answers."""

    data_collection: str = Field(validation_alias="DATA_COLLECTION_URL")
