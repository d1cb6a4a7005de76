"""docs/CANONICAL-CONFIG.md, the configuration as people read it.

`python -m tradai_blueprints.tradai.config.document [--check]` writes or checks it. One module a section, numbered as
in 002. Must never hold a value that the configuration holds: what differs in the document is changed there.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tradai_blueprints.tradai.config.document import (
    s00_preface,
    s01_network,
    s02_services,
    s03_storage,
    s04_security,
    s05_api,
    s06_messaging,
    s07_lambdas,
    s08_secrets,
    s09_naming,
    s10_environments,
    s10_quotas,
    s11_closing,
    s12_outputs,
)

FILE: Final = Path(__file__).parents[5] / "docs" / "CANONICAL-CONFIG.md"

#: The document from top to bottom.
SECTIONS: Final[tuple[Callable[[], str], ...]] = (
    s00_preface.preface,
    s01_network.network,
    s02_services.services,
    s03_storage.storage,
    s04_security.security,
    s05_api.api,
    s06_messaging.messaging,
    s07_lambdas.lambdas,
    s08_secrets.secrets,
    s09_naming.naming,
    s10_environments.environments,
    s10_quotas.quotas,
    s11_closing.checklist,
    s12_outputs.outputs,
    s11_closing.changelog,
    s11_closing.dependencies,
)


#: Those that are counted over the rendered stacks, which takes seconds.
_COUNTED: Final = (s10_quotas.quotas,)


def render(*, counted: bool = True) -> str:
    """The file's whole text; without what is counted over the rendered stacks, where that is not asked about."""
    return "\n\n".join(section() for section in SECTIONS if counted or section not in _COUNTED) + "\n"


def main(arguments: list[str], file: Path = FILE) -> int:
    """Writes the file, or with `--check` fails where it is not what the configuration says."""
    text = render()
    if "--check" not in arguments:
        file.write_text(text, encoding="utf-8")
        return 0
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(
        f"{file.name} is not what the configuration says: run `python -m tradai_blueprints.tradai.config.document`\n"
    )
    return 1
