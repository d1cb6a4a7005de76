"""What is wrong with a resource, in sentences that say which field and what to do.

Must never show a person a regular expression or a traceback.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

_LIMIT: Final = 10


class InvalidResource(ValueError):  # noqa: N818 - what it is called wherever it is shown
    """A resource that cannot be acted upon; `problems` has one sentence for each thing that is wrong."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        shown = self.problems[:_LIMIT]
        more = len(self.problems) - len(shown)
        super().__init__("; ".join([*shown, *([f"and {more} more"] if more else [])]))


def invalid(error: ValidationError, sentences: Mapping[str, str]) -> InvalidResource:
    """The sentences of a failed validation; `sentences` maps a field's pattern to what to write there."""
    return InvalidResource(f"{_path(e['loc'])}: {_say(e, sentences)}" for e in error.errors())


def _path(loc: tuple[int | str, ...]) -> str:
    """`spec.layers.foundation.config.alertEmails[0]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".") or "the resource"


def _say(error: Any, sentences: Mapping[str, str]) -> str:
    if error["type"] == "string_pattern_mismatch":
        return sentences.get(error["ctx"]["pattern"], "has a form that is not accepted here")
    say = _BY_TYPE.get(error["type"])
    return say(error.get("ctx", {})) if say else str(error["msg"])


_TEXT: Final = "is not text; put the value between quotation marks"
_OBJECT: Final = "is not a mapping; write its fields one level below it"

#: pydantic's error type → what to do, given the error's context.
_BY_TYPE: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "missing": lambda _: "is missing; add it",
    "extra_forbidden": lambda _: "is not a field that exists; remove it or correct its spelling",
    "string_type": lambda _: _TEXT,
    "bool_type": lambda _: "is neither true nor false; write one of them",
    "bool_parsing": lambda _: "is neither true nor false; write one of them",
    "model_type": lambda _: _OBJECT,
    "model_attributes_type": lambda _: _OBJECT,
    "dict_type": lambda _: _OBJECT,
    "list_type": lambda _: "is not a list; put each entry on a line of its own after a hyphen",
    "literal_error": lambda ctx: f"is not one of {ctx['expected']}; choose one of them",
    "string_too_long": lambda ctx: f"has more than {ctx['max_length']} characters; shorten it",
    "string_too_short": lambda ctx: f"has fewer than {ctx['min_length']} characters; fill it in",
    "too_long": lambda ctx: f"has more than {ctx['max_length']} entries; remove some",
    "too_short": lambda ctx: f"has fewer than {ctx['min_length']} entries; add some, or take the whole list out",
    "value_error": lambda ctx: str(ctx["error"]),
}
