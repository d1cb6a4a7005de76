"""Takes the values of a run's secrets out of what the run says, however they are spelled there.

AWS and programs repeat what they were given when they refuse it, and the engine masks secrets only where it knows them.
Pure but for reading the files of one request. Must never be the only guard: what is known to be secret is not said in
the first place.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

from tradai_runner.contract import RunRequest

MASKED: Final = "[secret]"
#: Shorter values are words that stand in every log, and no secrets worth the name: taken out only where all of a text
#: is one.
SHORTEST: Final = 6
#: A shorter one of letters or of digits alone reads like a word or a number, which others may have in them.
_WORDLIKE: Final = re.compile(r"[A-Za-z]{1,11}|[0-9]{1,11}")
#: A line of a key or certificate; shorter lines say nothing.
_LINE: Final = 16

Mask = Callable[[str], str]


def mask_of(values: Iterable[str]) -> Mask:
    """Puts `[secret]` for every spelling of these values; what reads like a word, only where it stands alone."""
    values = [value for value in values if value.strip()]
    parts = {part for value in values for part in _parts(value)}
    spelled = {form for part in parts for form in _forms(part) if len(form) >= SHORTEST}
    short = {whole for value in values if len(whole := value.strip()) < SHORTEST}
    if not parts:
        return str
    pattern = re.compile("|".join(map(_anywhere, sorted(spelled, key=len, reverse=True))) or r"(?!)")
    return lambda text: MASKED if text in short else pattern.sub(MASKED, text)


def masked(value: Any, mask: Mask) -> Any:
    """JSON-able data with the mask over each text and number of it; keys stay."""
    if isinstance(value, Mapping):
        return {key: masked(item, mask) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, mask) for item in value]
    if isinstance(value, str):
        return mask(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return MASKED if number and mask(json.dumps(value)) == MASKED else value


def mask_for(request: RunRequest) -> Mask:
    """The mask for the secrets of one run; a file that is missing is the run's to complain of."""
    files = [*request.secret_files.values(), *([request.passphrase_file] if request.passphrase_file else [])]
    return mask_of([Path(file).read_text() for file in files if Path(file).is_file()])


def _anywhere(form: str) -> str:
    """The pattern of one spelling."""
    return rf"(?<![\w-]){form}(?![\w-])" if _WORDLIKE.fullmatch(form) else re.escape(form)


def _parts(value: str) -> Iterator[str]:
    """The value, and what in it is secret by itself: a document's leaves, an address's password, a key's lines."""
    whole = value.strip()
    yield whole
    yield from _leaves(whole)
    yield from _password(whole)
    lines = whole.splitlines()
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _LINE)


def _leaves(text: str) -> Iterator[str]:
    if not text.startswith(("{", "[")):
        return
    try:
        found = [json.loads(text)]
    except ValueError:
        return
    while found:
        item: Any = found.pop()
        if isinstance(item, dict):
            found += item.values()
        elif isinstance(item, list):
            found += item
        elif isinstance(item, str):
            yield item


def _password(text: str) -> Iterator[str]:
    try:
        password = urlsplit(text).password
    except ValueError:
        return
    if password:
        yield from (password, unquote(password))


def _forms(part: str) -> Iterator[str]:
    """The spellings of one text that logs and errors have."""
    yield part
    escaped = json.dumps(part)[1:-1]
    yield escaped
    yield json.dumps(part, ensure_ascii=False)[1:-1]
    yield json.dumps(escaped)[1:-1]
    yield repr(part)[1:-1]
    yield from (quote(part), quote(part, safe=""), quote_plus(part), html.escape(part))
    yield from _encoded(part.encode())


def _encoded(data: bytes) -> Iterator[str]:
    """Base64, also in the middle of something longer, where it begins at any of three places."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        # the first characters carry bits of what stands before, the last one of what comes after
        inner = text[(shift * 8 + 5) // 6 : len(text) - 1 if (shift + len(data)) % 3 else None]
        if len(inner) >= 2 * SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
    yield data.hex()
