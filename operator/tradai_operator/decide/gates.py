"""The gates before a layer's next run: one ordered table of what may speak for it instead.

The first gate that has something to say is the layer's step; past the last one, its run begins, where it gets a place
(`decide/queueing.py`). Pure. Must never start what an earlier gate keeps back.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tradai_operator.decide import program
from tradai_operator.decide.approval import ends
from tradai_operator.decide.candidate import Candidate
from tradai_operator.decide.decision import Look
from tradai_operator.decide.forecast import preview_of
from tradai_operator.decide.images import ImageCheck, unknown_sentence
from tradai_operator.decide.steps import Step
from tradai_operator.decide.windows import outside
from tradai_operator.model.times import epoch
from tradai_operator.status.outcomes import stands_still
from tradai_operator.status.phases import LAST_WORD, LayerNote, Phase

_MOVING: Final = frozenset({Phase.BUILDING, Phase.READY})


def _running(it: Candidate) -> Step | None:
    if it.current.run is None:
        return None
    aside = it.current.state == "Ready" and not it.current.reconcile  # a look that the layer does not wait for
    if aside and it.current.inputs_digest == it.desired:
        return Step(Phase.READY, ready=True)
    return Step(Phase.BUILDING)


def _disabled(it: Candidate) -> Step | None:
    if it.env.spec.layer(it.layer.name).enabled:
        return None
    built = it.current.name in it.status.outputs
    return Step(Phase.READY, ready=built, note=LayerNote("Disabled", "disabled in the spec; left as it is"))


def _upstream(it: Candidate) -> Step | None:
    missing = tuple(name for name in it.layer.reads if not it.above[name].ready)
    if not missing:
        return None
    first = it.above[missing[0]]
    step = Step(
        Phase.BUILDING if first.phase in _MOVING else first.phase,
        action=preview_of(it.env, it.facts, it.layer, it.current, missing),
        note=LayerNote("Blocked", f"waits for {missing[0]}"),
        blocked_by=first.blocked_by or missing[0],
    )
    return _ahead(it, step) if len(missing) < len(it.layer.reads) else step


def _ahead(it: Candidate, step: Step) -> Step:
    """Images are looked for while the layer waits, once something that it reads stands: their repositories may too.

    Who has to bring them hears of it while the rest is built, and not only once nothing else is waited for.
    """
    images = it.images
    if not images.wanted or it.env.spec.suspend or step.action is not None:
        return step
    if images.missing or (images.seen and images.seen.failure):  # that all are there is no news before they are needed
        step = replace(step, checked=images.checked(it.layer.name))
    if images.missing and step.note:
        step = replace(step, note=LayerNote("Blocked", f"{step.note.message}; {images.missing}"))
    if images.seen is not None and (images.fresh or images.seen.complete):
        return replace(step, wake_at=None if images.seen.complete else images.again_at)
    return replace(step, look=Look(it.layer.name, images.wanted))


def _declared(it: Candidate) -> Step | None:
    """Nothing is to be done; where the environment stays behind, a look aside at what a newer program would do."""
    if it.current.inputs_digest != it.desired or it.current.reconcile:
        return None
    if it.mends_at is not None and it.facts.now >= it.mends_at:
        return None
    step = Step(Phase.READY, ready=True, note=LayerNote("Ready"), wake_at=it.mends_at)
    if not it.behind:
        return step
    may_look = it.images.ready and not it.env.spec.suspend
    return program.shown(it.current, step, replace(it.up, inputs_digest=it.newer), may_look=may_look, again=it.again)


def _program(it: Candidate) -> Step | None:
    return program.unavailable(it.env, it.facts) if it.behind else None


def _suspended(it: Candidate) -> Step | None:
    if not it.env.spec.suspend:
        return None
    return Step(Phase.SUSPENDED, note=LayerNote("Pending", "the environment is suspended"))


def _approval(it: Candidate) -> Step | None:
    if it.start is not None:
        return None
    note = LayerNote("Pending", "its plan waits for approval")
    wake_at = ends(it.current.plan) if it.current.plan else None
    return Step(Phase.APPROVAL, note=note, asks=True, wake_at=wake_at)


def _retry(it: Candidate) -> Step | None:
    """What did not go well is tried again when it is due, and what was stopped when a person says so."""
    if not it.tried:
        return None
    if it.called_off or it.current.state == "Cancelled":
        return Step(Phase.CANCELLED, note=LayerNote("Cancelled"))
    if it.current.next_retry_at is None:
        return Step(Phase.FAILED)
    due = epoch(it.current.next_retry_at)
    if it.facts.now >= due:
        return None
    return Step(Phase.FAILED if stands_still(it.current) else Phase.RETRYING, wake_at=due)


def _window(it: Candidate) -> Step | None:
    return outside(it.env, it.status, it.facts.now, it.start) if it.start else None


def _images(it: Candidate) -> Step | None:
    if it.images.ready:
        return None
    step = replace(_lacking(it.layer.name, it.images), checked=it.images.checked(it.layer.name))
    if it.images.fresh:
        return replace(step, wake_at=it.images.again_at)
    return replace(step, look=Look(it.layer.name, it.images.wanted))


def _lacking(layer: str, images: ImageCheck) -> Step:
    """In the words of the last look, also while the next goes on."""
    seen = images.seen
    if images.missing:
        says = ("ImagesMissing", f"{layer} waits: {images.missing}")
        return Step(Phase.IMAGES, note=LayerNote("Blocked", images.missing), says=says)
    text = unknown_sentence(seen)
    if seen and seen.failure:
        return Step(Phase.RETRYING, note=LayerNote("Pending", text), says=("ImagesUnknown", f"{layer} waits: {text}"))
    return Step(Phase.BUILDING, note=LayerNote("Pending", text))


@dataclass(frozen=True)
class Gate:
    """`speaks` says what a layer does instead of its run, None where nothing is in the way.

    `idle`: nothing else asks for its images meanwhile, so that they are looked for now and then.
    """

    name: str
    speaks: Callable[[Candidate], Step | None]
    idle: bool = False


GATES: Final = (
    Gate("running", _running),
    Gate("disabled", _disabled),
    Gate("upstream", _upstream),
    Gate("declared", _declared, idle=True),
    Gate("program", _program, idle=True),
    Gate("suspended", _suspended),
    Gate("approval", _approval, idle=True),
    Gate("retry", _retry, idle=True),
    Gate("window", _window, idle=True),
    Gate("images", _images),
)


def closed(it: Candidate) -> tuple[Gate, Step] | None:
    """The first gate that speaks, and what it says; None where the layer's run may begin."""
    return next(((gate, step) for gate in GATES if (step := gate.speaks(it))), None)


def step_of(it: Candidate) -> Step:
    """What the layer does next."""
    if spoken := closed(it):
        gate, step = spoken
        return _idle(it, step) if gate.idle else step
    phase = Phase.RETRYING if it.tried else Phase.BUILDING
    return Step(phase, action=it.start, checked=it.images.checked(it.layer.name))


def _idle(it: Candidate, step: Step) -> Step:
    """Where nothing is to be done, now and then a look for new images."""
    images = it.images
    if not images.wanted or it.env.spec.suspend:
        return step
    step = replace(step, checked=images.checked(it.layer.name) or LAST_WORD)
    if step.action is not None:
        return step
    if it.facts.now >= images.idle_at:
        return replace(step, look=Look(it.layer.name, images.wanted))
    return replace(step, wake_at=images.idle_at if step.wake_at is None else min(step.wake_at, images.idle_at))
