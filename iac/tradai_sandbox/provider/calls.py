"""The calls that most rows are made of, as data: create, read, change, tag, wait, delete.

Each is a small frozen object that is called with a `Work`. Must never hold what is particular to one service.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tradai_sandbox.provider.compare import is_empty
from tradai_sandbox.provider.failures import ApiError, ProviderError, is_gone
from tradai_sandbox.provider.props import Props
from tradai_sandbox.provider.row import Step, Work
from tradai_sandbox.provider.translate import dig, from_api, shape_at

#: Seconds between two questions about something that has not come to rest.
_PAUSE_S: Final = 0.5
#: How often it is asked before it is given up.
_QUESTIONS: Final = 7200
_TAGS_ALONE: Final = frozenset({"tags"})
#: What an answer goes on by: the same name in answer and request.
_TOKENS: Final = ("NextToken", "nextToken", "NextMarker")

Template = Mapping[str, Any]
Build = Callable[[Work], Props]


@dataclass(frozen=True)
class Create:
    """The call that makes a resource, with all inputs that have a place in its request.

    `id` is a path in the answer (`Vpc.VpcId`), or empty where the row's own `id` template says it; `by` are
    fixed parameters, templates over the properties; `build` makes irregular ones.
    """

    op: str
    id: str = ""
    by: Template = field(default_factory=dict)
    build: Build | None = None
    leave_out: frozenset[str] = frozenset()

    def __call__(self, work: Work) -> str:
        """Makes it and returns its id."""
        names = frozenset(p.name for p in work.row.inputs) - self.leave_out
        extra = self.build(work) if self.build else {}
        answer = work.call(self.op, **{**work.params(self.op, names), **work.fill(self.by), **extra})
        work.made.update(answer)
        found = dig(answer, self.id) if self.id else work.fill(work.row.id)
        if not found:
            raise ProviderError(f"{self.op} answered without {self.id}")
        return str(found)


@dataclass(frozen=True)
class Read:
    """A call that tells about a resource: `by` says which, `at` is the path of the description in the answer.

    `gone_is_empty`: that there is nothing to tell does not mean the resource itself is gone. `only`: the
    properties to take from this answer. `alive`: refuses descriptions of what is as good as gone (`state:
    terminated`). `settled`: whether what is described has come to rest; until then it is asked again.
    `reshape` gives the description another form, whose keys are then the properties' `api` as it stands.
    `told` is the member by which the answer to what made the resource (`work.made`) tells the same.

    A call that tells about tags alone is not made right after a create, which AWS refuses rather than leave its tags
    out: a refresh makes it.
    """

    op: str
    by: Template = field(default_factory=dict)
    at: str = ""
    gone_is_empty: bool = False
    only: frozenset[str] | None = None
    alive: Callable[[Props], bool] | None = None
    settled: Callable[[Props], bool] | None = None
    reshape: Callable[[Props], Props] | None = None
    service: str = ""
    told: str = ""

    def __call__(self, work: Work) -> Props | None:
        """The properties that the answer holds, or None where the resource is not there."""
        if work.creating and self.only == _TAGS_ALONE:
            return {"tags": work.inputs.get("tags") or {}}
        data = self._at_rest(work)
        if data is None or (self.alive is not None and not self.alive(data)):
            return {} if self.gone_is_empty else None
        return self._props(work, self.reshape(data) if self.reshape else data)

    def _at_rest(self, work: Work) -> Any:
        """The description once it has come to rest; raises ProviderError where it does not."""
        for _ in range(_QUESTIONS):
            data = self._described(work)
            if data is None or self.settled is None or self.settled(data):
                return data
            work.cloud.pause(_PAUSE_S)
        raise ProviderError(f"{work.row.token} {work.id} does not become stable")

    def _described(self, work: Work) -> Any:
        try:
            known = self.told and self.told in work.made
            answer = work.made if known else self._answer(work)
        except ApiError as error:
            if is_gone(error, work.row.gone):
                return None
            raise
        return dig(answer, self.at) if self.at else answer

    def _answer(self, work: Work) -> Props:
        """The whole answer; tags may be told in pages."""
        params = {"service": self.service, **work.fill(self.by)}
        answer = work.call(self.op, **params)
        while self.only == _TAGS_ALONE and (more := {key: answer[key] for key in _TOKENS if answer.get(key)}):
            before = {key: value for key, value in answer.items() if key not in more}
            answer = _joined(before, work.call(self.op, **params, **more))
        return answer

    def _props(self, work: Work, data: Props) -> Props:
        model = work.cloud.model(self.service or work.row.service, self.op)
        shape = shape_at(model.output_shape, self.at)
        props = [p for p in work.row.props if self.only is None or p.name in self.only]
        return from_api(props, data, shape)


def _joined(first: Any, more: Any) -> Any:
    """Two pages of one answer."""
    if isinstance(first, list) and isinstance(more, list):
        return [*first, *more]
    if isinstance(first, dict) and isinstance(more, dict):
        return {**first, **{key: _joined(first.get(key), value) for key, value in more.items()}}
    return more


@dataclass(frozen=True)
class Change:
    """A call that sets properties, all of `names` that the program gives (or what `build` makes)."""

    op: str
    names: frozenset[str]
    by: Template = field(default_factory=dict)
    build: Build | None = None
    only_changed: bool = False
    service: str = ""

    def __call__(self, work: Work) -> None:
        """Makes the call."""
        names = self.names & work.changed if self.only_changed and not work.creating else self.names
        extra = self.build(work) if self.build else {}
        params = work.params(self.op, names, service=self.service)
        work.call(self.op, service=self.service, **{**params, **work.fill(self.by), **extra})


def change(
    names: Collection[str],
    op: str,
    by: Template | None = None,
    *,
    build: Build | None = None,
    after_create: bool = True,
    only_changed: bool = False,
    service: str = "",
) -> Step:
    """A step that makes one call for the properties `names`."""
    on = frozenset(names)
    return Step(on, Change(op, on, by or {}, build, only_changed, service), after_create)


def on(names: Collection[str], run: Callable[[Work], Any], *, after_create: bool = True) -> Step:
    """A step that runs a function for the properties `names`."""
    return Step(frozenset(names), run, after_create)


@dataclass(frozen=True)
class Retag:
    """Tags that were added or changed are put on, those that went are taken off."""

    put: str
    take: str
    by: Template
    tags: str = "Tags"
    keys: str = "TagKeys"
    take_tags: bool = False

    def __call__(self, work: Work) -> None:
        """Makes the one or two calls that are needed."""
        wanted, had = work.inputs.get("tags") or {}, work.state.get("tags") or {}
        added = {k: v for k, v in wanted.items() if had.get(k) != v}
        removed = [k for k in had if k not in wanted]
        prop = work.row.prop("tags")
        encode = prop.to if prop is not None and prop.to is not None else dict
        by: Props = work.fill(self.by)
        if removed:
            work.call(self.take, **by, **{self.keys: self._removed(removed)})  # type: ignore[arg-type]
        if added:
            work.call(self.put, **by, **{self.tags: encode(added)})  # type: ignore[arg-type]

    def _removed(self, keys: list[str]) -> list[Any]:
        return [{"Key": key} for key in keys] if self.take_tags else keys


def retag(
    put: str,
    take: str,
    by: Template,
    *,
    tags: str = "Tags",
    keys: str = "TagKeys",
    after_create: bool = False,
    take_tags: bool = False,
) -> Step:
    """The step that keeps tags; `after_create` where the create call cannot take them."""
    return Step(frozenset({"tags"}), Retag(put, take, by, tags, keys, take_tags), after_create)


@dataclass(frozen=True)
class Delete:
    """The call that takes a resource away; that it is gone already is fine."""

    op: str
    by: Template = field(default_factory=dict)
    build: Build | None = None

    def __call__(self, work: Work) -> None:
        """Makes the call."""
        extra = self.build(work) if self.build else {}
        forgiving(work, self.op, **{**work.fill(self.by), **extra})


def forgiving(work: Work, op: str, **params: Any) -> Props:
    """A call for which it is fine that the thing is gone already."""
    try:
        return work.call(op, **params)
    except ApiError as error:
        if is_gone(error, work.row.gone):
            return {}
        raise


def nothing(_: Work) -> None:
    """Deletes nothing: for what goes together with its owner."""


def wanted(work: Work, names: Collection[str]) -> bool:
    """Whether the program says anything about one of `names`."""
    return any(not is_empty(work.inputs.get(name)) for name in names)
