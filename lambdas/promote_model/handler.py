"""The border of promote-model: a comparison that was won in, a new champion out. May be called any number of times.

Must never promote what did not win, nor against another champion than the one that it won against.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from promote_model.logic import PromoteModel, chosen, permitted
from promote_model.settings import PromoteModelSettings
from shared.alerts import Alerts
from shared.announcements import Announcements
from shared.champions import Champions
from shared.deployments import Deployments
from shared.entry import Entry, RefusedError
from shared.events import Registrations
from shared.mlflow import MLflow
from shared.retraining import Outcome, Retrainings
from shared.rollbacks import Rollbacks


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    mlflow: MLflow
    champions: Champions
    retrainings: Retrainings
    announcements: Announcements

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = PromoteModelSettings.read()
        mlflow = MLflow(settings.tracking_uri, settings.credentials_arn)
        records = Deployments(settings.deployments)
        champions = Champions(mlflow, Rollbacks(settings.rollback_state), records, settings.environment)
        retrainings = Retrainings(settings.retraining_state)
        alerts = Alerts(settings.alerts_topic, settings.environment)
        announcements = Announcements(Registrations(settings.registration_topic), alerts, settings.environment)
        return cls(mlflow, champions, retrainings, announcements)


ENTRY = Entry("promote-model", PromoteModel, Ground.make)


@ENTRY
def handle(ground: Ground, event: PromoteModel) -> dict[str, Any]:
    """`{"promoted", "model_name", "version", "previous"}`; raises RefusedError, BusyError."""
    whose, to = event.request, event.comparison.challenger_version
    permitted(event, ground.mlflow.version(whose.model_name, to))
    choose = partial(chosen, event)
    move, made = ground.champions.move(whose.model_name, whose.run_id, choose, ground.announcements.tell)
    if move.to_version != to:
        raise RefusedError(f"run {whose.run_id} has promoted version {move.to_version} already, not {to}")
    ground.retrainings.release(whose.model_name, whose.run_id, Outcome.PROMOTED, move.reason)
    ENTRY.logger.info("promoted", run_id=whose.run_id, model=whose.model_name, version=to, made=made)
    return {"promoted": True, "model_name": whose.model_name, "version": to, "previous": move.from_version}
