"""A move is told alike by whoever tells it."""

from dataclasses import dataclass, field

import pytest

from shared.announcements import Announcements
from shared.events import Registration
from shared.rollbacks import Kind, Move


@dataclass
class Topics:
    """Both topics in memory."""

    machines: list[Registration] = field(default_factory=list)
    people: list[tuple[str, ...]] = field(default_factory=list)

    def publish(self, event: Registration) -> None:
        self.machines.append(event)

    def tell(self, kind: str, subject: str, *sentences: str, **_more: str) -> str:
        self.people.append((kind, subject, *sentences))
        return "1"


@pytest.mark.parametrize(
    ("kind", "event", "people"),
    [
        (Kind.PROMOTION, "model.promoted", []),
        (
            Kind.ROLLBACK,
            "model.rolled_back",
            [("model-rollback", "m was rolled back to version 1", "ann rolled m back from version 2 to 1: it loses")],
        ),
    ],
)
def test_the_move_says_what_is_told_and_people_are_told_of_rollbacks(
    kind: Kind, event: str, people: list[tuple[str, ...]]
) -> None:
    topics = Topics()
    move = Move(key="r", kind=kind, to_version="1", from_version="2", strategy="S", by="ann", reason="it loses", at="t")
    Announcements(topics, topics, "dev").tell("m", move)  # type: ignore[arg-type]
    [told] = topics.machines
    assert (told.kind, told.event_id, told.version, told.previous) == (event, "m:r", "1", "2")
    assert topics.people == people
