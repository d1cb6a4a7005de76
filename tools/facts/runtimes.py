"""Until when Lambda supports each of its runtimes, as cfn-lint repeats it from AWS's documentation.

Must never hold a runtime of another language than the functions' own: what is not used needs no facts.
"""

from typing import Any, Final

from tools.facts.sources import RUNTIMES

_LANGUAGE: Final = "python3."


def runtimes() -> dict[str, Any]:
    """Runtime → dates: from when it gets no more patches (`deprecated`), and functions of it can no longer be made
    (`create-block`) and changed (`update-block`)."""
    found = RUNTIMES.read("LmbdRuntimeLifecycle.json").items()
    return {name: _dates(entry) for name, entry in found if name.startswith(_LANGUAGE)}


def _dates(entry: dict[str, Any]) -> dict[str, str]:
    return {key: entry[key] for key in ("create-block", "deprecated", "update-block")}
