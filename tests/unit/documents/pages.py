"""What a Markdown page has: its headings as anchors, and where its links lead. Fenced code is neither."""

import re
from pathlib import Path
from typing import Final

_FENCE: Final = re.compile(r"^(```+|~~~+).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_LINK: Final = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """The page without its fenced code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def headings(page: Path) -> list[str]:
    """As they are written."""
    return _HEADING.findall(prose(page))


def anchors(page: Path) -> list[str]:
    """As GitHub names them: lower case, spaces to hyphens, other signs left out; the second of a name is numbered."""
    found: list[str] = []
    for heading in headings(page):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        again = sum(each == name or re.fullmatch(rf"{re.escape(name)}-\d+", each) is not None for each in found)
        found.append(f"{name}-{again}" if again else name)
    return found


def links(page: Path) -> list[str]:
    """Where the page's links lead, in its own words; inline code is not among them."""
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", prose(page)))
