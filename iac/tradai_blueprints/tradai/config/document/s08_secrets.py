"""Section 8: the secrets (002 §8).

Must never show a value of a secret: the configuration holds none.
"""

from tradai_blueprints.tradai.config.document.markdown import blocks, code, table
from tradai_blueprints.tradai.config.document.values import COMMON, NAMES


def secrets() -> str:
    """The whole section."""
    manager = COMMON.secrets
    rows = [(code(NAMES.path(secret.name)), secret.contents, "Manual") for secret in manager.secrets]
    return blocks(
        "## 8. Secrets Manager",
        table(("Secret Name", "Contents", "Rotation"), rows),
        "The credentials of the database's master user are a secret of RDS's own, which rotates them every "
        f"{manager.rds_rotation_days} days.",
    )
