"""Shell scripts from Jinja templates (001 §2 `shell_template_env`).

Must never fill a gap: a value that a template names and nobody gives is an error.
"""

import shlex
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def render(template: Path, **values: object) -> str:
    """The script of `template` (`*.sh.j2`); its filter `quote` makes any value one word of the shell.

    Raises jinja2.UndefinedError for a value that is missing, jinja2.TemplateNotFound for a template that is.
    """
    environment = Environment(  # noqa: S701 - a shell script: what needs quoting is quoted by the filter
        loader=FileSystemLoader(template.parent),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quote"] = lambda value: shlex.quote(str(value))
    return environment.get_template(template.name).render(**values)
