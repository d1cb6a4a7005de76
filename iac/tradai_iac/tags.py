"""The tags that every resource must carry (002 §9.2): their keys, and a blueprint's fixed values.

Must never apply them: `core.tagging` does, to everything taggable.
"""

from typing import Final

from tradai_iac.base import Frozen

#: Key of the tag that finds a resource by the program's own identity of it (see `core.tagging`).
URN_TAG: Final = "tradai:urn"
SERVICE_TAG: Final = "Service"


class Tags(Frozen):
    """The fixed values of the required tags; `Environment` and, where it applies, `Service` vary."""

    application: str
    managed_by: str
    cost_center: str
    owner: str

    def required(self, environment: str) -> dict[str, str]:
        """Tag key → value that everything of an environment carries."""
        return {
            "Application": self.application,
            "Environment": environment,
            "ManagedBy": self.managed_by,
            "CostCenter": self.cost_center,
            "Owner": self.owner,
        }
