"""What everybody may ask of a blueprint's settings, whatever else is in them.

Must never hold a value: those are the blueprint's.
"""

from typing import Protocol, Self

from tradai_iac.tags import Tags


class Settings(Protocol):
    """The values of one environment as its blueprint resolves them."""

    @property
    def tags(self) -> Tags:
        """The fixed values of the tags that everything carries."""

    def unprotected(self) -> Self:
        """The same with what refuses a deletion taken away, and nothing else: data is still kept."""
