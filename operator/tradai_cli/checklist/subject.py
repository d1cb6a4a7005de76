"""What the checklist is asked about: one environment with its configuration.

Must never read anything: whoever builds it has read the manifest.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tradai_iac.base import Manifest
from tradai_iac.config import Settings
from tradai_iac.naming import Naming

#: What a column says of one item: a thing's name → its values as text. Equal facts agree.
Facts = Mapping[str, str]


@dataclass(frozen=True)
class Subject:
    """The canonical values of an environment, what people set in its layers, and where it is."""

    settings: Settings
    naming: Naming
    region: str
    configs: Mapping[str, Manifest]

    @property
    def balanced(self) -> bool:
        """Whether the environment has a load balancer."""
        return not getattr(self.configs.get("compute"), "skip_alb", False)

    @property
    def consolidated(self) -> bool:
        """Whether the consolidated instance's security group is there (002 §10, 001 §5)."""
        asked: bool | None = getattr(self.configs.get("foundation"), "consolidated_security_group", None)
        return self.settings.stage.consolidated if asked is None else asked

    @property
    def as_tasks(self) -> bool:
        """Whether the standing services are tasks (002 §10)."""
        return not self.settings.stage.consolidated
