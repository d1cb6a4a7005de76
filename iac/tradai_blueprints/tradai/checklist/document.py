"""Holds the canonical document as it was reviewed against what the configuration says now, section by section.

Must never write it: `just generate` does.
"""

from functools import cache
from pathlib import Path

from tradai_blueprints.tradai.config.document import FILE, render


def stale_sections(headings: tuple[str, ...], file: Path = FILE) -> list[str]:
    """A sentence for each section in which document and configuration differ."""
    if not file.is_file():
        return [f"{file.name} is not there"]
    written, configured = sections(file.read_text(encoding="utf-8")), _configured()
    return [
        f"section {heading} of {file.name} is not what the configuration says"
        for heading in headings
        if heading not in configured or written.get(heading) != configured[heading]
    ]


@cache
def _configured() -> dict[str, str]:
    return sections(render(counted=False))


def sections(text: str) -> dict[str, str]:
    """Heading → everything below it, down to the next one of its level or above."""
    found: dict[str, list[str]] = {}
    open_: dict[str, int] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            marks, _, heading = line.partition(" ")
            open_ = {name: level for name, level in open_.items() if level < len(marks)}
            open_[heading] = len(marks)
            found[heading] = []
        for name in open_:
            found[name].append(line)
    return {heading: "\n".join(lines) for heading, lines in found.items()}
