"""The few forms of Markdown that the document is made of.

Must never know what a cell means: numbers, names and wording come from the sections.
"""

from collections.abc import Iterable, Sequence

#: How an empty cell is written.
NOTHING = "--"


def blocks(*parts: str) -> str:
    """Headings, paragraphs, lists and tables, each apart from the next by an empty line."""
    return "\n\n".join(parts)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; raises ValueError where a row has another number of cells than the header."""
    lines = [_line(header), _line(["---"] * len(header))]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} cells under a header of {len(header)}: {row}")
        lines.append(_line([_cell(value) for value in row]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return NOTHING if value is None or value == "" else str(value).replace("|", "\\|")


def bullets(items: Iterable[str]) -> str:
    """A list of sentences."""
    return "\n".join(f"- {item}" for item in items)


def numbered(items: Iterable[str]) -> str:
    """A list of things that happen one after the other."""
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))


def code(text: object) -> str:
    """Text that is spelled exactly so: a name, a path, a CIDR."""
    return f"`{text}`"


def codes(texts: Iterable[object]) -> str:
    """Several of those; nothing where there are none."""
    return ", ".join(code(text) for text in texts) or NOTHING


def yes(flag: bool) -> str:
    """`Yes` or `No`."""
    return "Yes" if flag else "No"
