"""The border of compare-models: MLflow and shadow tests in, a verdict out. Writes nothing.

What could not be asked raises, and is no verdict. Must never call a missing figure a win.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compare_models.evidence import OF_CHAMPION, RETURN, Evidence, of_holdout, of_shadow_tests, together
from compare_models.logic import CompareModels, compared
from compare_models.settings import CompareModelsSettings
from shared.entry import Entry, RefusedError
from shared.mlflow import MLflow, Version
from shared.shadow_tests import ShadowTests


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    mlflow: MLflow
    shadow_tests: ShadowTests

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = CompareModelsSettings.read()
        return cls(MLflow(settings.tracking_uri, settings.credentials_arn), ShadowTests(settings.shadow_tests))


ENTRY = Entry("compare-models", CompareModels, Ground.make)


@ENTRY
def handle(ground: Ground, event: CompareModels) -> dict[str, Any]:
    """`{"challenger_wins", "verdict", "reason", …}`; raises RefusedError where the job has registered no model."""
    name, job_id = event.request.model_name, event.request.job_id
    challenger = _challenger(ground.mlflow, name, job_id)
    champion = ground.mlflow.champion(name)
    shadow = of_shadow_tests(ground.shadow_tests.completed(name), champion, challenger.version)
    evidence = together([_holdout(ground.mlflow, challenger, champion), *shadow])
    answer = compared(name, champion, challenger.version, evidence).model_dump(mode="json")
    ENTRY.logger.info("compared", job_id=job_id, task_arn=event.task_arn, **answer)
    return answer


def _challenger(mlflow: MLflow, name: str, job_id: str) -> Version:
    """What the job has registered; a job that was begun again by a new task may have done so twice: the last counts."""
    if not (found := mlflow.of_job(name, job_id)):
        raise RefusedError(f"MLflow has no version of {name} with the tag job_id {job_id}: the training registers it")
    return found[-1]


def _holdout(mlflow: MLflow, challenger: Version, champion: str | None) -> Evidence:
    run = mlflow.run(challenger.run_id) if challenger.run_id else None
    if run is None:
        return Evidence(lacks=(f"version {challenger.version} has no run in MLflow",))
    histories: Callable[[str], Any] = lambda name: mlflow.history(challenger.run_id, name)  # noqa: E731
    return of_holdout(run, champion, histories(RETURN), histories(RETURN + OF_CHAMPION))
