"""Section 9: names and tags (002 §9).

Must never spell a name: `naming` does.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import blocks, bullets, code, codes, table
from tradai_blueprints.tradai.config.document.values import COMMON, ENVIRONMENTS, stands
from tradai_iac.naming import Naming
from tradai_iac.tags import SERVICE_TAG

_PATTERN: Final = Naming("{project}", "{environment}")


def naming() -> str:
    """The whole section."""
    return blocks(
        "## 9. Naming Conventions",
        "### 9.1 Resource Naming Pattern",
        code(_PATTERN.name("{component}") + "[-{suffix}]"),
        "Examples:",
        bullets(code(example) for example in _examples()),
        "Repositories and secrets have a slash after the project: " + code(_PATTERN.path("{component}")) + ".",
        "### 9.2 Tag Requirements",
        "All resources must have these tags:",
        _tags(),
    )


def _examples() -> tuple[str, ...]:
    project, queue = COMMON.tags.application, COMMON.messaging.backtest_queue.component
    return (
        Naming(project, "prod").name("backend-api"),
        Naming(project, "dev").name("vpc"),
        Naming(project, "staging").fifo(queue),
    )


def _tags() -> str:
    fixed = COMMON.tags.required(", ".join(ENVIRONMENTS))
    rows = [(key, "Yes", ", ".join(map(code, value.split(", ")))) for key, value in fixed.items()]
    rows.insert(2, (SERVICE_TAG, "If applicable", codes(each.name for each in COMMON.services if stands(each))))
    return table(("Tag Key", "Required", "Example Values"), rows)
