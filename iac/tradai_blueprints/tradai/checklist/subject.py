"""What the checklist is asked about: one environment of TradAI with its configuration.

Must never read anything: whoever builds it has read the manifest.
"""

from dataclasses import dataclass

from tradai_blueprints.tradai.config import Settings
from tradai_iac import checklist


@dataclass(frozen=True)
class Subject(checklist.Subject[Settings]):
    """The canonical values of an environment, what people set in its layers, and where it is."""

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
