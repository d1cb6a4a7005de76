"""Creates, reads, updates and deletes one resource by its row.

The state after each is read back from AWS, but for what AWS has just accepted or told (`calls.Read`). Must never lose
a resource that was made: when a later call fails, the error carries the id.
"""

from collections.abc import Collection
from dataclasses import dataclass

from tradai_sandbox.provider.calls import wanted
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.diff import Difference
from tradai_sandbox.provider.failures import PartlyCreatedError, ProviderError
from tradai_sandbox.provider.props import Props
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.state import merged, real_inputs
from tradai_sandbox.provider.templates import parse
from tradai_sandbox.provider.translate import TranslationError


@dataclass(frozen=True)
class Seen:
    """A resource as it really is: its id, its state, and the inputs that would make it."""

    id: str
    state: Props
    inputs: Props


def create(row: Row, cloud: Cloud, inputs: Props) -> Seen:
    """Makes a resource whole; raises PartlyCreatedError where it exists but is not whole."""
    work = Work(row, cloud, inputs, creating=True)
    try:
        work = work.with_(id=row.create(work))
    except TranslationError as error:
        raise ProviderError(f"{row.token}: {error}") from error
    try:
        for step in row.steps:
            if step.after_create and wanted(work, step.on):
                step.run(work)
        return _seen(work) or _vanished(work)
    except (ProviderError, TranslationError) as error:
        raise PartlyCreatedError(work.id, ProviderError(str(error))) from error


def read(row: Row, cloud: Cloud, id_: str, inputs: Props, state: Props) -> Seen | None:
    """The resource as it really is, or None where it is gone; without inputs and state this is an import."""
    known = state or _from_id(row, id_)
    own = str(known.pop("id", id_)) if not state else id_
    return _seen(Work(row, cloud, inputs, known, own), importing=not state)


def _from_id(row: Row, id_: str) -> Props:
    template = row.import_id or row.id
    return dict(parse(template, id_)) if template else {}


def _seen(work: Work, *, importing: bool = False) -> Seen | None:
    actual: Props = {}
    for at, reader in enumerate(work.row.read):
        found = reader(work.with_(state={**work.state, **actual}))
        if found is None and at == 0:
            return None
        actual |= found or {}
    if work.row.finish is not None:
        actual |= work.row.finish(work, actual)
    state = merged(work.row, {**_derived(work, actual), **actual}, work.inputs, work.state)
    if work.row.regional:
        state["region"] = work.region
    id_ = _own_id(work, actual) if importing else str(actual.get("id", work.id))
    return Seen(id_, state, real_inputs(work.row, state, work.inputs))


def _own_id(work: Work, actual: Props) -> str:
    """The id that a create would have given, where an import is given something else: read, or by the template."""
    if work.row.import_id and work.row.id:
        return str(work.with_(state={**work.state, **actual}).fill(work.row.id))
    return str(actual.get("id", work.id))


def _derived(work: Work, actual: Props) -> Props:
    """The outputs that follow from others by the row's templates."""
    filled = work.with_(state={**work.state, **actual})
    return {p.name: filled.fill(p.value) for p in work.row.props if p.value and p.name not in actual}


def _vanished(work: Work) -> Seen:
    raise ProviderError(f"{work.row.token} {work.id} was created, but AWS does not know it")


def update(row: Row, cloud: Cloud, id_: str, differs: Collection[Difference], state: Props, inputs: Props) -> Seen:
    """Brings a resource to `inputs` by the steps that have to do with what differs; raises ProviderError."""
    changed = frozenset(d.name for d in differs)
    work = Work(row, cloud, inputs, state, id_, changed)
    try:
        for step in row.steps:
            if step.on & changed:
                step.run(work)
    except TranslationError as error:
        raise ProviderError(f"{row.token}: {error}") from error
    return _seen(work) or _vanished(work)


def delete(row: Row, cloud: Cloud, id_: str, inputs: Props, state: Props) -> None:
    """Takes a resource away; that it is gone already is fine. Raises ProviderError."""
    row.delete(Work(row, cloud, inputs, state, id_))
