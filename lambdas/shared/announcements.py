"""How a done move of a champion is told: to machines on `registration`, and a rollback to people on `alerts` as well.

Every function that moves champions tells alike, as it may have to tell a move that another one left untold. Must never
depend on who tells.
"""

from dataclasses import dataclass

from shared.alerts import Alerts
from shared.events import PROMOTED, ROLLED_BACK, Registration, Registrations
from shared.rollbacks import Kind, Move


@dataclass(frozen=True)
class Announcements:
    """The topics of one environment."""

    registrations: Registrations
    alerts: Alerts
    environment: str

    def tell(self, name: str, move: Move) -> None:
        """Raises what botocore raises: what SNS did not take is not told."""
        self.registrations.publish(told(name, move, self.environment))
        if move.kind is Kind.ROLLBACK:
            self.alerts.tell("model-rollback", *alert(name, move))


def told(name: str, move: Move, environment: str) -> Registration:
    """What is published of it for machines."""
    return Registration(
        event_id=f"{name}:{move.key}",
        kind=PROMOTED if move.kind is Kind.PROMOTION else ROLLED_BACK,
        environment=environment,
        at=move.at,
        strategy=move.strategy,
        version=move.to_version,
        previous=move.from_version,
        model_name=name,
        by=move.by,
    )


def alert(name: str, move: Move) -> tuple[str, str]:
    """Subject and sentence of a rollback for people."""
    return (
        f"{name} was rolled back to version {move.to_version}",
        f"{move.by} rolled {name} back from version {move.from_version or 'none'} to {move.to_version}: {move.reason}",
    )
