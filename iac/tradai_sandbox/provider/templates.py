"""Templates over a resource's properties: `{name}` in ids and in the parameters of calls.

Pure. Must never guess: a placeholder without a value is an error that names it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from tradai_sandbox.provider.failures import ProviderError

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def fill(template: Any, values: Mapping[str, Any], account: Callable[[], str]) -> Any:
    """`template` with placeholders filled; a text that is one placeholder alone keeps the value's type."""
    if isinstance(template, Mapping):
        return {k: fill(v, values, account) for k, v in template.items()}
    if isinstance(template, list | tuple):
        return [fill(v, values, account) for v in template]
    if not isinstance(template, str):
        return template

    def value(match: re.Match[str]) -> Any:
        name = match.group(1)
        if name == "account":
            return account()
        if values.get(name) in (None, ""):
            raise ProviderError(f"nothing is known of {name!r}, which {template!r} needs")
        return values[name]

    whole = _PLACEHOLDER.fullmatch(template)
    return value(whole) if whole else _PLACEHOLDER.sub(lambda m: str(value(m)), template)


def parse(template: str, text: str) -> dict[str, str]:
    """The values of a template's placeholders in a text that it made; raises ProviderError otherwise."""
    pattern, last = "", 0
    found = list(_PLACEHOLDER.finditer(template))
    for at, match in enumerate(found):
        greedy = ".+" if at == len(found) - 1 else ".+?"
        pattern += re.escape(template[last : match.start()]) + f"(?P<{match.group(1)}>{greedy})"
        last = match.end()
    hit = re.fullmatch(pattern + re.escape(template[last:]), text)
    if hit is None:
        raise ProviderError(f"id {text!r} does not have the form {template!r}")
    return hit.groupdict()
