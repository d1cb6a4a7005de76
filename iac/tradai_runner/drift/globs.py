"""Globs of the rules that people write: `*` stands for anything, and nothing else means anything.

Must never take longer than the text is long: a rule is given by whoever may change an environment.
"""


def matches(glob: str, text: str) -> bool:
    """Whether the whole text is as the glob says; `**` means what `*` does."""
    first, *others = glob.split("*")
    if not others:
        return text == glob
    *middle, last = others
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    return _in_order(middle, text[len(first) : len(text) - len(last)])


def _in_order(parts: list[str], text: str) -> bool:
    """Whether all parts are there one after the other; the first place of each leaves most to the others."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
