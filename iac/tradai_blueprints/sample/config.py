"""What people may set of the sample blueprint's two layers; each field is enforced by its stack program.

The sample shows every kind of change in seconds: `note` changes in place, fewer `queues` deletes, another `sortKey`
replaces what bears data. Must never grow into a platform: it is there to try the operator with.
"""

from typing import Annotated, Final

from pydantic import Field

from tradai_iac.base import Manifest, worded
from tradai_iac.secret_refs import SecretSource

MOST_QUEUES: Final = 20

Note = Annotated[str, worded(r"^[A-Za-z0-9 _.:/=+@-]*$", "write letters, digits, blanks and any of _.:/=+@-", 200)]
Attribute = Annotated[str, worded(r"^[a-z][a-z0-9_]*$", "write an attribute's name like created_at", 64)]


class StoreConfig(Manifest):
    """Settings of the sample's store layer."""

    note: Note = Field(default="sample", description="Tag `Note` of the table: changes in place.")
    sort_key: Attribute | None = Field(
        default=None, description="Sort key of the table; another one replaces the table, data and all."
    )


class WorkSecrets(Manifest):
    """The one secret of the sample."""

    token: SecretSource | None = Field(default=None, description="Kept as an encrypted parameter.")


class WorkConfig(Manifest):
    """Settings of the sample's work layer."""

    note: Note = Field(default="sample", description="Value of the parameter `note`: changes in place.")
    queues: int = Field(
        default=1, ge=0, le=MOST_QUEUES, description="How many queues there are; with fewer, the last ones go."
    )
    secrets: WorkSecrets = Field(default=WorkSecrets(), description="Values of secrets, by reference.")
