"""The few calls of MLflow's REST API that functions need: versions, aliases, runs and their metrics.

    mlflow = MLflow(settings.tracking_uri, settings.credentials_arn)
    champion = mlflow.champion("momentum")          # its version, or None where the model has none

Models are known by aliases, never by stages. None is said only where MLflow itself says that something is not there;
every other answer raises UnansweredError. Must never import MLflow: it would take most of a function's memory.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from pydantic import Field, ValidationError, field_validator

from shared import clients, http
from shared.base import Frozen

M = TypeVar("M", bound=Frozen)

CHAMPION: Final = "champion"
CHALLENGER: Final = "challenger"
#: The tag of a version that says which job has trained it.
JOB_TAG: Final = "job_id"
_API: Final = "/api/2.0/mlflow/"
_ABSENT: Final = "RESOURCE_DOES_NOT_EXIST"
_PAGE: Final = 1000
_REFUSED: Final = frozenset({401, 403})


class Credentials(Frozen):
    """What the secret holds, as JSON."""

    username: str = Field(min_length=1)
    password: str = Field(min_length=1, repr=False)


def _by_key(listed: Any) -> Any:
    return {each["key"]: each["value"] for each in listed} if isinstance(listed, list) else listed


class Model(Frozen):
    """A registered model: alias → version."""

    name: str
    aliases: Mapping[str, str] = {}

    @field_validator("aliases", mode="before")
    @classmethod
    def _read(cls, listed: Any) -> Any:
        return {each["alias"]: str(each["version"]) for each in listed} if isinstance(listed, list) else listed


class Version(Frozen):
    """One version of a model."""

    name: str
    version: str
    run_id: str = ""
    status: str = "READY"
    tags: Mapping[str, str] = {}

    _read = field_validator("tags", mode="before")(_by_key)


class Run(Frozen):
    """A run: the last value of each metric (a number or not: MLflow keeps NaN and infinity), and its tags."""

    metrics: Mapping[str, float] = {}
    tags: Mapping[str, str] = {}

    _read = field_validator("metrics", "tags", mode="before")(_by_key)


class Point(Frozen):
    """One value of a metric."""

    step: int = 0
    timestamp: int
    value: float


class MLflow:
    """The server behind `tracking_uri` (with its prefix), asked by the login of a secret."""

    def __init__(self, tracking_uri: str, secret_arn: str) -> None:
        self._base = tracking_uri.rstrip("/") + _API
        self._secret = secret_arn
        self._login: dict[str, str] | None = None

    def model(self, name: str) -> Model | None:
        """A registered model with its aliases."""
        said = self._ask("GET", "registered-models/get", query={"name": name})
        return None if said is None else _as(Model, said, "registered_model")

    def models(self) -> Iterator[Model]:
        """All registered models, page by page."""
        for page in self._pages("GET", "registered-models/search", {}):
            yield from (_as(Model, {"model": each}, "model") for each in page.get("registered_models", ()))

    def champion(self, name: str) -> str | None:
        """Which version is the champion; None where the model, or its champion, is not there."""
        found = self.model(name)
        return found.aliases.get(CHAMPION) if found else None

    def version(self, name: str, version: str) -> Version | None:
        """One version of a model."""
        said = self._ask("GET", "model-versions/get", query={"name": name, "version": version})
        return None if said is None else _as(Version, said, "model_version")

    def of_job(self, name: str, job_id: str) -> list[Version]:
        """The versions of a model that a job has registered, oldest first."""
        wanted = f"name = {_quoted(name)} AND tag.{JOB_TAG} = {_quoted(job_id)}"
        found = [
            _as(Version, {"version": each}, "version")
            for page in self._pages("GET", "model-versions/search", {"filter": wanted})
            for each in page.get("model_versions", ())
        ]
        return sorted(found, key=lambda each: int(each.version))

    def run(self, run_id: str) -> Run | None:
        """A run with its last metrics."""
        said = self._ask("GET", "runs/get", query={"run_id": run_id})
        return None if said is None else _as(Run, said.get("run", {}), "data")

    def history(self, run_id: str, metric: str) -> list[Point]:
        """All values of a run's metric; none where it was never logged."""
        asked = {"run_id": run_id, "metric_key": metric}
        pages = self._pages("GET", "metrics/get-history", asked)
        return [_as(Point, {"point": each}, "point") for page in pages for each in page.get("metrics", ())]

    def set_alias(self, name: str, alias: str, version: str) -> bool:
        """Give a version an alias, which another loses; False where there is no such version."""
        body = {"name": name, "alias": alias, "version": version}
        return self._ask("POST", "registered-models/alias", body=body) is not None

    def remove_alias(self, name: str, alias: str) -> None:
        """Take an alias from whichever version has it."""
        self._ask("DELETE", "registered-models/alias", body={"name": name, "alias": alias})

    def _pages(self, method: str, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            more = {"page_token": token} if token else {}
            page = self._ask(method, path, query={**query, "max_results": str(_PAGE), **more})
            if page is None:
                raise http.UnansweredError(f"MLflow has nothing at {path} for what was asked")
            yield page
            if not (following := page.get("next_page_token")) or following == token:
                return
            token = following

    def _ask(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> dict[str, Any] | None:
        """What MLflow answers; None where it says that there is no such thing. Raises UnansweredError."""
        answer = self._call(method, path, query, body)
        if answer.good:
            said = answer.json()
            if not isinstance(said, dict):
                raise http.UnansweredError(f"{answer.asked} answered with what is no object")
            return said
        code = _code(answer)
        if answer.status == 404 and code == _ABSENT:
            return None
        raise http.UnansweredError(f"{answer.asked} answered {answer.status} {code}".rstrip())

    def _call(self, method: str, path: str, query: Mapping[str, str] | None, body: Any) -> http.Answer:
        """Asked once more with the secret as it is now where the login is refused: it may have been rotated."""
        for fresh in (False, True):
            login = self._credentials(fresh)
            answer = http.call(method, self._base + path, query=query, body=body, headers=login)
            if answer.status not in _REFUSED:
                return answer
        raise http.UnansweredError(f"{answer.asked} answered {answer.status}: is the login in its secret right?")

    def _credentials(self, fresh: bool) -> dict[str, str]:
        if fresh or self._login is None:
            login = _login(clients.client("secretsmanager").get_secret_value(SecretId=self._secret)["SecretString"])
            if login is None:  # said out here, so that no traceback has the secret's words
                raise http.UnansweredError("the secret of MLflow's login holds no JSON of username and password")
            self._login = http.basic(login.username, login.password)
        return self._login


def _login(said: str) -> Credentials | None:
    try:
        return Credentials.model_validate_json(said)
    except ValidationError:
        return None


def _as(model: type[M], said: Mapping[str, Any], key: str) -> M:
    try:
        return model.model_validate(said.get(key))
    except (ValidationError, KeyError, TypeError):
        raise http.UnansweredError(f"MLflow's answer holds no {model.__name__.lower()} that can be read") from None


def _code(answer: http.Answer) -> str:
    """MLflow's name of an error; empty where somebody else has answered."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return ""
    return str(said.get("error_code", "")) if isinstance(said, dict) else ""


def _quoted(text: str) -> str:
    """A text of MLflow's filters, which know no way to write a quote inside one. Raises ValueError."""
    if "'" in text or "\\" in text:
        raise ValueError("a name with a quote or a backslash cannot be looked for in MLflow")
    return f"'{text}'"
