"""Whether a comparison permits a promotion, and what is then moved. Must never call AWS or MLflow."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from shared.base import Frozen
from shared.entry import RefusedError
from shared.mlflow import JOB_TAG, Version
from shared.rollbacks import History, Key, Kind, Move, Name, VersionNumber


class Whose(Frozen):
    """The request of the execution, as far as it says which model of which run."""

    run_id: Key
    job_id: Key
    strategy: str = Field(min_length=1, max_length=128)
    model_name: Name


def _plainly(said: object) -> object:
    if said is not True:  # 1 equals True, and is no plain yes
        raise ValueError("the comparison must say true")
    return said


class Won(Frozen):
    """The comparison, which has to say that the challenger wins, and against whom."""

    challenger_wins: Annotated[Literal[True], BeforeValidator(_plainly)]
    verdict: Literal["better"]
    model_name: Name
    challenger_version: VersionNumber
    champion_version: VersionNumber | None
    reason: str = "the challenger is better"


class PromoteModel(Frozen):
    """The event."""

    request: Whose
    comparison: Won


def permitted(event: PromoteModel, challenger: Version | None) -> None:
    """Raises RefusedError where the version is not what this run has trained and compared."""
    compared, whose = event.comparison, event.request
    if compared.model_name != whose.model_name:
        raise RefusedError("the comparison is of another model than the request")
    if challenger is None:
        raise RefusedError(f"MLflow has no version {compared.challenger_version} of {whose.model_name}")
    if challenger.status != "READY":
        raise RefusedError(f"version {challenger.version} of {whose.model_name} is {challenger.status}, not READY")
    if challenger.tags.get(JOB_TAG) != whose.job_id:
        raise RefusedError(f"version {challenger.version} of {whose.model_name} is not of job {whose.job_id}")


def chosen(event: PromoteModel, _found: History, observed: str | None) -> Move:
    """The move. Raises RefusedError where the champion is not the one that was compared."""
    compared = event.comparison
    if observed not in (compared.champion_version, compared.challenger_version):
        raise RefusedError(
            f"the champion is version {observed or 'none'} and the comparison was with "
            f"{compared.champion_version or 'none'}: compare again"
        )
    return Move(
        key=event.request.run_id,
        kind=Kind.PROMOTION,
        to_version=compared.challenger_version,
        from_version=observed,
        strategy=event.request.strategy,
        by=f"retraining {event.request.run_id}"[:128],
        reason=compared.reason[:500],
    )
