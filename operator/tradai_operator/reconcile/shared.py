"""What all loops of one operator share: its ports, the rules of whoever runs it, and the places for runs.

Data only; main fills it in. Must never hold anything that belongs to one environment.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tradai_operator.model.allowlist import Allowlist
from tradai_operator.ports import Archive, Clock, Cluster, Executor, Images, Notifier, Stacks, Telemetry
from tradai_operator.schedule.places import Places


@dataclass(frozen=True)
class Ports:
    """All ports of one operator; `allowlist` gives the rules as they are now."""

    cluster: Cluster
    executor: Executor
    clock: Clock
    images: Images
    telemetry: Telemetry
    notifier: Notifier
    archive: Archive
    stacks: Stacks
    allowlist: Callable[[], Allowlist] = Allowlist
    places: Places = field(default_factory=Places)
