"""Service Quotas: an account whose quotas of VPCs and internet gateways were raised, as several environments need.

Must never hold a quota that the endpoint does not tell by itself.
"""

from typing import Any, Final

#: Code → value; AWS's default is 5 of each.
RAISED: Final = {"L-F678F1CE": 20.0, "L-A4707A72": 20.0}


def repair() -> None:
    """Raise them in every region."""
    from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS

    quotas: list[dict[str, Any]] = VPC_DEFAULT_QUOTAS
    for quota in quotas:
        quota["Value"] = RAISED.get(quota["QuotaCode"], quota["Value"])
