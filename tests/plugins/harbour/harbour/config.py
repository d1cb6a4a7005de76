"""What people may set; each field is enforced by its stack program."""

from typing import Annotated

from pydantic import Field

from tradai_iac.base import Manifest, worded

Word = Annotated[str, worded(r"^[a-z-]+$", "write a word of small letters and hyphens", 64)]


class StoreConfig(Manifest):
    """Settings of the store, which another system has as well."""

    goods: Word = Field(default="coal", description="What lies in the store: a tag of its bucket.")


class QuayConfig(Manifest):
    """Settings of the quay."""

    berths: int = Field(default=1, ge=1, le=4, description="How many ships can lie there: the shards of its stream.")
    closed: bool = Field(default=False, description="Whether no ship can come, so that no quay can be built.")
