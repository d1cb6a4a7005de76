"""What holds for a whole state machine beyond the shape of its parts, each rule a row.

Pure: a definition in, sentences out. Must never stop at the first fault: who mends a template wants to see all of them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from pydantic import JsonValue, ValidationError

from tradai_iac.core.asl_model import Catcher, Choice, Fail, State, StateMachine, Succeed

Document: TypeAlias = dict[str, JsonValue]
Rule = Callable[[StateMachine], Iterator[str]]

#: What a template engine, this one's or another's, leaves where a value is missing.
_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\$\{")
_TYPES: Final = frozenset({"Task", "Pass", "Wait", "Choice", "Succeed", "Fail"})


def faults(document: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Everything that is wrong with a definition, each fault naming its state; nothing where it is right."""
    placeholders = tuple(_placeholders(document))
    try:
        machine = StateMachine.model_validate(document)
    except ValidationError as error:
        return (*(_told(fault["loc"], fault["msg"]) for fault in error.errors()), *placeholders)
    return (*(fault for rule in RULES for fault in rule(machine)), *_dynamic(document), *placeholders)


def ways_out(state: State) -> tuple[str, ...]:
    """The states that may come after one, in the order in which they are written."""
    if isinstance(state, Choice):
        return (*(rule.next for rule in state.choices), state.default)
    catchers: list[Catcher] = getattr(state, "catch", [])
    following = getattr(state, "next", None)
    return (*([] if following is None else [following]), *(catcher.next for catcher in catchers))


def _starts_somewhere(machine: StateMachine) -> Iterator[str]:
    if machine.start_at not in machine.states:
        yield f"StartAt: there is no state {machine.start_at!r}"


def _leads_somewhere(machine: StateMachine) -> Iterator[str]:
    for name, state in machine.states.items():
        for target in ways_out(state):
            if target not in machine.states:
                yield f"{name}: leads to {target!r}, which is no state"


def _everything_is_reached(machine: StateMachine) -> Iterator[str]:
    reached = _closure({machine.start_at}, {name: set(ways_out(state)) for name, state in machine.states.items()})
    for name in machine.states:
        if name not in reached:
            yield f"{name}: no way leads here"


def _everything_ends(machine: StateMachine) -> Iterator[str]:
    """An end must not only exist: a circle without a way out would run until the machine's own limit."""
    before: dict[str, set[str]] = {name: set() for name in machine.states}
    for name, state in machine.states.items():
        for target in ways_out(state):
            before.setdefault(target, set()).add(name)
    ending = _closure({name for name, state in machine.states.items() if _is_an_end(state)}, before)
    for name in machine.states:
        if name not in ending:
            yield f"{name}: no way leads to an end from here"


#: Every rule; a new one is a row.
RULES: Final[tuple[Rule, ...]] = (_starts_somewhere, _leads_somewhere, _everything_is_reached, _everything_ends)


def _is_an_end(state: State) -> bool:
    return isinstance(state, Succeed | Fail) or bool(getattr(state, "end", None))


def _closure(start: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = set(start)
    while ahead:
        seen |= ahead
        ahead = {target for name in ahead for target in edges.get(name, set())} - seen
    return seen


def _dynamic(document: Mapping[str, JsonValue]) -> Iterator[str]:
    """A key that ends in `.$` has a path or an intrinsic function as its value."""
    for place, value in _walk(document):
        if place[-1].endswith(".$") and not (isinstance(value, str) and value.startswith(("$", "States."))):
            yield _told(place, f"{value!r} is neither a path nor an intrinsic function")


def _placeholders(document: Mapping[str, JsonValue]) -> Iterator[str]:
    for place, value in _walk(document):
        if isinstance(value, str) and _PLACEHOLDER.search(value):
            yield _told(place, f"unresolved placeholder in {value!r}")


def _walk(value: JsonValue | Mapping[str, JsonValue], *place: str) -> Iterator[tuple[tuple[str, ...], JsonValue]]:
    """Every value below, with its place."""
    if isinstance(value, Mapping):
        inner = [(str(key), below) for key, below in value.items()]
    elif isinstance(value, list):
        inner = [(str(index), below) for index, below in enumerate(value)]
    else:
        return
    for key, below in inner:
        yield (*place, key), below
        yield from _walk(below, *place, key)


def _told(place: tuple[str | int, ...], text: str) -> str:
    """`RunBacktest: Retry.0.ErrorEquals: Field required`; pydantic's own step, the type of a state, is left out."""
    steps = [str(step) for step in place]
    if len(steps) > 1 and steps[0] == "States":
        _, state, *rest = steps
        inner = rest[1:] if rest and rest[0] in _TYPES else rest
        steps = [state, *([".".join(inner)] if inner else [])]
    else:
        steps = [".".join(steps)] if steps else []
    return ": ".join([*steps, text])
