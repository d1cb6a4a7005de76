"""Workflow definitions from Jinja templates (001 §8 AslTemplateLoader).

Must never put a value into a definition otherwise than encoded as JSON, nor hand out a definition that is not valid.
"""

import json
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, Undefined
from markupsafe import Markup
from pydantic import JsonValue

from tradai_iac.core.asl_rules import Document, faults

SUFFIX: Final = ".json.j2"
_SHOWN_LINES: Final = 2


class AslError(ValueError):
    """A template or a definition that is wrong; the text names the template, and the variable or the states."""


class AslTemplateLoader:
    """The templates of one folder, `{name}.json.j2` each; a template writes a value as `{{ value | json }}`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            # What a macro returns is marked as safe, as the filter's result is, and nothing else passes.
            autoescape=True,
            finalize=_encoded_only,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["json"] = _json

    def load(self, name: str, **values: object) -> Document:
        """The validated definition of a template; raises AslError for whatever is wrong with it or with the values."""
        text = self._render(name, values)
        document = _parsed(name, text)
        if found := faults(document):
            raise AslError(f"{name}{SUFFIX} is not a valid workflow: {'; '.join(found)}")
        return document

    def render(self, name: str, **values: object) -> str:
        """The same as JSON, in one spelling for equal definitions."""
        return json.dumps(self.load(name, **values), indent=2)

    def _render(self, name: str, values: dict[str, object]) -> str:
        try:
            return self._environment.get_template(f"{name}{SUFFIX}").render(**values)
        except TemplateNotFound as error:
            raise AslError(f"there is no template {error.name} in {self._folder.name}") from error
        except (TemplateError, TypeError) as error:
            raise AslError(f"{name}{SUFFIX}: {error}") from error


def _json(value: object) -> Markup:
    """The filter `json`: any value as JSON; raises jinja2.UndefinedError for a missing one."""
    if isinstance(value, Undefined):
        str(value)
    return Markup(json.dumps(value))  # noqa: S704 - JSON is not read by a browser


def _encoded_only(value: object) -> object:
    if isinstance(value, Markup | Undefined):
        return value
    raise TypeError(f"{value!r} is written without the filter json")


def _parsed(name: str, text: str) -> Document:
    try:
        document = json.loads(text, object_pairs_hook=lambda pairs: _each_once(name, pairs))
    except json.JSONDecodeError as error:
        lines = text.splitlines()[max(0, error.lineno - _SHOWN_LINES) : error.lineno]
        raise AslError(f"{name}{SUFFIX} renders no JSON: {error} near {' '.join(lines).strip()!r}") from error
    if not isinstance(document, dict):
        raise AslError(f"{name}{SUFFIX} renders no JSON object")
    return document


def _each_once(name: str, pairs: list[tuple[str, JsonValue]]) -> Document:
    """JSON's readers keep the last of two equal keys without a word: a state would be lost."""
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise AslError(f"{name}{SUFFIX}: written twice: {', '.join(twice)}")
    return dict(pairs)
