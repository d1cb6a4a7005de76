"""The border of notify-completion: an execution's end in, one message on the topic of alerts out.

Told once: a second call for the same end finds the first one's note. SNS knows no repeats, so that a process that dies
after SNS has taken the message and before that is noted lets it be told a second time; never is it told not at all
while Lambda repeats the event. Must never be waited for by a workflow.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from notify_completion.logic import NotifyCompletion, kept, sentences, subject
from notify_completion.settings import NotifyCompletionSettings
from shared.alerts import Alerts
from shared.deployed import DEPLOYED
from shared.entry import Entry
from shared.notifications import Claim, Delivery, Notifications

_FUNCTION: Final = "notify-completion"
#: A claim lasts for longer than whoever has it, and has passed when Lambda repeats the event, a minute later.
LEASE: Final = timedelta(seconds=DEPLOYED.functions[_FUNCTION].timeout_seconds + 15)


class ClaimedError(Exception):
    """Another call is about to tell it, or has died of it: Lambda repeats this one, which then knows."""


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    notifications: Notifications
    alerts: Alerts

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = NotifyCompletionSettings.read()
        alerts = Alerts(settings.alerts, settings.environment)
        return cls(Notifications(settings.notifications, LEASE), alerts)


ENTRY = Entry(_FUNCTION, NotifyCompletion, Ground.make)


@ENTRY
def handle(ground: Ground, event: NotifyCompletion) -> dict[str, str]:
    """`{"notification_id", "result"}`, told or already; raises ClaimedError, and what SNS and the table raise."""
    claim = ground.notifications.claim(event.notification_id, kept(event))
    if claim is Delivery.DELIVERED:
        return {"notification_id": event.notification_id, "result": "already"}
    if not isinstance(claim, Claim):
        raise ClaimedError(f"{event.notification_id} is being told by another call")
    message = _published(ground, event, claim)
    noted = ground.notifications.delivered(claim, message)
    ENTRY.logger.info("told", notification_id=event.notification_id, message_id=message, noted=noted)
    return {"notification_id": event.notification_id, "result": "told"}


def _published(ground: Ground, event: NotifyCompletion, claim: Claim) -> str:
    try:
        told = {"notification_id": event.notification_id}
        return ground.alerts.tell(event.kind, subject(event), *sentences(event), **told)
    except Exception:
        ground.notifications.release(claim)
        raise
