"""The secrets of Secrets Manager (002 §8) and the rotation of the database's own (000 SEC006).

Must never hold a value of a secret: those come by reference and pass through as secret outputs.
"""

from typing import Final

from tradai_iac.base import Frozen


class Secret(Frozen):
    """One secret: its component name and what it contains."""

    name: str
    contents: str


class SecretsManager(Frozen):
    """The secrets in 002's order, and how often the RDS credentials rotate, in days."""

    secrets: tuple[Secret, ...]
    rds_rotation_days: int


SECRETS: Final = SecretsManager(
    secrets=(
        Secret(name="database-url", contents="PostgreSQL connection string"),
        Secret(name="mlflow-credentials", contents="MLflow tracking auth"),
        Secret(name="binance-api", contents="Binance API key/secret"),
        Secret(name="jwt-secret", contents="JWT signing key"),
    ),
    rds_rotation_days=30,
)
