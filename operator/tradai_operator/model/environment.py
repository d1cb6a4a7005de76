"""One TradaiEnvironment as the operator sees it: parsed at the border, immutable beyond it.

Must never crash on a body of another schema: what is wrong becomes an InvalidResource with sentences.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, ValidationError, create_model

from tradai_iac.base import SENTENCE, Frozen
from tradai_iac.blueprints import BLUEPRINTS, DEFAULT
from tradai_operator.model import keys
from tradai_operator.model.bounds import Moment, Text
from tradai_operator.model.errors import InvalidResource, invalid
from tradai_operator.model.seldom import STORED
from tradai_operator.model.spec import EnvironmentSpec, spec_of
from tradai_operator.model.status import EnvironmentStatus
from tradai_runner.contract import ALL_DATA

#: What is derived from the name (a Secret `<name>-outputs`, a label's value) still fits with this many.
NAME_LIMIT: Final = 63

_ANNOTATIONS: Final = {
    "abandon": keys.ABANDON,
    "cancel": keys.CANCEL,
    "retry": keys.RETRY,
    "confirm_destroy": keys.CONFIRM_DESTROY,
    "migrate": keys.MIGRATE,
    "approve": keys.APPROVE,
    "approved_by": keys.APPROVED_BY,
    "handover": keys.HANDOVER,
    "lower_guards": keys.LOWER_GUARDS,
    "reconcile": keys.RECONCILE,
    "open_window": keys.OPEN_WINDOW,
    "opened_by": keys.OPENED_BY,
    "drift": keys.DRIFT,
}


#: `compute:<anything new>` asks for one layer; a time has no such beginning.
_OF_LAYER: Final = re.compile(r"([a-z][a-z0-9-]*):")


def _short(name: str) -> str:
    """The API server refuses a longer one by now; one that is there from before is told so."""
    if len(name) > NAME_LIMIT:
        raise ValueError(
            f"has more than {NAME_LIMIT} characters; a name cannot change, so create the resource again with a "
            "shorter one"
        )
    return name


class Annotations(Frozen):
    """The annotations that people steer with; any others are none of our business."""

    abandon: Text | None = None
    cancel: Text | None = None
    retry: Text | None = None
    confirm_destroy: Text | None = None
    migrate: Text | None = None
    approve: Text | None = None
    approved_by: Text | None = None
    handover: Text | None = None
    lower_guards: Text | None = None
    reconcile: Text | None = None
    open_window: Text | None = None
    opened_by: Text | None = None
    drift: Text | None = None

    @property
    def cancelled_runs(self) -> frozenset[str]:
        """The ids of the runs that somebody wants stopped."""
        return frozenset(_listed(self.cancel))

    @property
    def migrations(self) -> tuple[str, ...]:
        """The words by which somebody permits migrations: a name each, and `@` with anything new to permit it again."""
        return tuple(_listed(self.migrate))

    @property
    def lowered(self) -> frozenset[str]:
        """The guards that somebody permits to be weaker than they were where the environment stood before."""
        return frozenset(_listed(self.lower_guards))

    def retries(self, layer: str, seen: str) -> bool:
        """Whether somebody asks to try that layer again; `seen` is the annotation that was acted upon last."""
        if self.retry is None or self.retry == seen:
            return False
        named = _OF_LAYER.match(self.retry)
        return named is None or named[1] == layer


class Metadata(Frozen):
    """Who the resource is; readable also where its spec is not, so that it can always be released."""

    name: str
    namespace: str
    uid: str
    generation: int
    creation: Moment
    deletion: Moment | None = None
    annotations: Annotations = Annotations()
    finalizers: tuple[str, ...] = ()

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """The metadata of a body; raises InvalidResource."""
        try:
            return cls.model_validate(_metadata(body))
        except ValidationError as error:
            raise invalid(error, sentences()) from None

    @property
    def key(self) -> str:
        """`namespace/name`, for people."""
        return f"{self.namespace}/{self.name}"

    @property
    def deleting(self) -> bool:
        """Whether somebody has asked to delete it."""
        return self.deletion is not None

    @property
    def held(self) -> bool:
        """Whether our finalizer is on it."""
        return keys.FINALIZER in self.finalizers


class Environment(Metadata):
    """The whole resource: who it is, what it shall be, what was last reported of it.

    `made_whole` says that its spec is invalid, and that this is its last valid one under the guards of both.
    """

    name: Annotated[str, AfterValidator(_short)]
    spec: EnvironmentSpec
    status: EnvironmentStatus = EnvironmentStatus()
    made_whole: bool = False

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """A body of the API server; raises InvalidResource with a sentence for everything wrong."""
        spec = {"spec": body["spec"]} if body.get("spec") is not None else {}
        status = EnvironmentStatus.parse(body.get("status"))
        try:
            model = cls.of(_spec_model(body.get("spec")))
            return model.model_validate({**_metadata(body), **spec, "status": status}, context={STORED: True})
        except ValidationError as error:
            raise invalid(error, sentences()) from None

    @classmethod
    def of(cls, spec: type[EnvironmentSpec]) -> type[Self]:
        """The model whose spec is read by that one."""
        return cls if spec is EnvironmentSpec else _with_spec(cls, spec)

    @property
    def expires(self) -> datetime | None:
        """When an environment with a ttl ends, None for one that stays."""
        return self.creation + self.spec.lifetime if self.spec.lifetime else None

    @property
    def abandoned(self) -> bool:
        """Whether the abandon annotation names this very environment."""
        return self.annotations.abandon == self.spec.environment

    @property
    def all_data_confirmed(self) -> bool:
        """Whether everything may go with its data: by its ttl, or where the policy says so and a person says it again.

        A narrower policy promises that data stays: what it takes along has to be named itself.
        """
        said = self.spec.environment in _listed(self.annotations.confirm_destroy)
        return self.spec.ttl is not None or (said and self.spec.deletion_policy == "Everything")

    @property
    def confirmations(self) -> tuple[str, ...]:
        """The names of what may go with its data."""
        return (ALL_DATA,) if self.all_data_confirmed else tuple(_listed(self.annotations.confirm_destroy))


def parse_spec(body: Any) -> EnvironmentSpec:
    """The spec of a manifest that no cluster has seen; raises InvalidResource."""
    if not isinstance(body, Mapping) or body.get("kind") != keys.KIND:
        raise InvalidResource([f"kind: this is not a {keys.KIND}"])
    try:
        return _spec_model(body.get("spec")).model_validate(body.get("spec") or {})
    except ValidationError as error:
        raise invalid(error, sentences()) from None


def _spec_model(spec: Any) -> type[EnvironmentSpec]:
    """By whose layers a spec is read; a blueprint that is none is refused by any model."""
    blueprint = spec.get("blueprint", DEFAULT) if isinstance(spec, Mapping) else DEFAULT
    return spec_of(blueprint) if isinstance(blueprint, str) and blueprint in BLUEPRINTS else EnvironmentSpec


@cache
def _with_spec(model: Any, spec: type[EnvironmentSpec]) -> Any:
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, spec=(spec, ...))


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _metadata(body: Mapping[str, Any]) -> dict[str, Any]:
    metadata = body.get("metadata")
    if not isinstance(metadata, Mapping):
        raise InvalidResource(["metadata: is missing; this is not a Kubernetes object"])
    annotations = metadata.get("annotations") or {}
    found = {
        "name": metadata.get("name"),
        "namespace": metadata.get("namespace"),
        "uid": metadata.get("uid"),
        "generation": metadata.get("generation"),
        "creation": metadata.get("creationTimestamp"),
        "deletion": metadata.get("deletionTimestamp"),
        "annotations": {field: annotations.get(key) for field, key in _ANNOTATIONS.items()},
        "finalizers": tuple(metadata.get("finalizers") or ()),
    }
    return {key: value for key, value in found.items() if value is not None}


@cache
def sentences() -> Mapping[str, str]:
    """Pattern → what to write instead, of every field that people set."""
    found: dict[str, str] = {}
    models: list[type[EnvironmentSpec]] = [EnvironmentSpec, *(spec_of(name) for name in BLUEPRINTS)]
    for model in dict.fromkeys(models):
        _collect(model.model_json_schema(), found)
    return found


def _collect(schema: Any, found: dict[str, str]) -> None:
    if isinstance(schema, list):
        for item in schema:
            _collect(item, found)
    elif isinstance(schema, dict):
        if SENTENCE in schema and "pattern" in schema:
            found[schema["pattern"]] = schema[SENTENCE]
        for item in schema.values():
            _collect(item, found)
