"""The border of model-rollback: a request of the backend API in, an earlier champion out. Once a request.

Must never take the version to go back to from MLflow, which keeps no past of its aliases.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from model_rollback.logic import ModelRollback, asked_otherwise, chosen
from model_rollback.settings import ModelRollbackSettings
from shared.alerts import Alerts
from shared.announcements import Announcements
from shared.champions import Champions
from shared.deployments import Deployments
from shared.entry import Entry, RefusedError
from shared.events import Registrations
from shared.mlflow import MLflow
from shared.rollbacks import Rollbacks


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    champions: Champions
    announcements: Announcements

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = ModelRollbackSettings.read()
        mlflow = MLflow(settings.tracking_uri, settings.credentials_arn)
        records = Deployments(settings.deployments)
        champions = Champions(mlflow, Rollbacks(settings.rollback_state), records, settings.environment)
        alerts = Alerts(settings.alerts_topic, settings.environment)
        return cls(champions, Announcements(Registrations(settings.registration_topic), alerts, settings.environment))


ENTRY = Entry("model-rollback", ModelRollback, Ground.make)


@ENTRY
def handle(ground: Ground, event: ModelRollback) -> dict[str, Any]:
    """`{"result", "model_name", "from_version", "to_version", "request_id"}`; raises RefusedError, BusyError."""
    choose = partial(chosen, event)
    move, made = ground.champions.move(event.model_name, event.request_id, choose, ground.announcements.tell)
    if asked_otherwise(event, move):
        raise RefusedError(f"the request id {event.request_id} has been used for another change: choose a new one")
    result = "rolled_back" if made else "already"
    ENTRY.logger.info(result, request_id=event.request_id, model=event.model_name, version=move.to_version)
    return {
        "result": result,
        "model_name": event.model_name,
        "from_version": move.from_version,
        "to_version": move.to_version,
        "request_id": event.request_id,
    }
