"""When the watching functions say that something is wrong, and when that it is well again; in no document.

Must never hold a threshold of an alarm: people may set those (`overrides.Alarms`). Periods in seconds.
"""

from typing import Final

from tradai_blueprints.tradai.config.messaging import MESSAGING
from tradai_blueprints.tradai.config.services import SERVICES
from tradai_iac.base import Frozen

_QUEUE: Final = MESSAGING.backtest_queue
_RECEIVES: Final = MESSAGING.dead_letter_queue.max_receive_count


class Watching(Frozen):
    """What the watchers go by.

    `health_*`: answers in a row that make a service unhealthy, and healthy again, and how long one may take.
    `heartbeat_*`: how often a trading container writes, how old its last word may be, what its start may take, and how
    many looks in a row make it well again. `orphan_grace`: nothing younger is an orphan. `launch_grace`: a job that is
    being launched for longer has lost its message to the dead letters; `queue_grace`: a queued one, to its age.
    `drift_period`: a stack that somebody has looked at within it is left alone: the operator's own period and an hour;
    `drift_run`: a look that takes longer is given up.
    """

    health_failures: int = 3
    health_successes: int = 2
    health_timeout_seconds: int = 5
    heartbeat_seconds: int = 60
    heartbeat_stale_seconds: int = 180
    heartbeat_start_seconds: int = 900
    heartbeat_successes: int = 2
    orphan_grace_seconds: int = 900
    launch_grace_seconds: int = _QUEUE.visibility_timeout_seconds * (_RECEIVES + 1)
    drift_period_seconds: int = 7 * 3600
    drift_run_seconds: int = 3 * 3600
    queue_grace_seconds: int = _QUEUE.message_retention_seconds + _QUEUE.visibility_timeout_seconds


WATCHING: Final = Watching()
#: Service → the path at which it says how it is, of those that have an address.
HEALTH_PATHS: Final = {service.name: service.health_path for service in SERVICES if service.address_known}
