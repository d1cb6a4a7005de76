"""What a decision is given beside the resource itself: the time, the secrets' fingerprints, who else claims it.

Pure data. Must never hold a secret's value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradai_iac.blueprint import Blueprint
from tradai_operator.model import Environment
from tradai_operator.model.times import epoch


@dataclass(frozen=True)
class SecretFacts:
    """What is known of the Secrets that the spec refers to.

    `state` is the fingerprint of the state's passphrase, None where there is none; `layers` maps layer → secret →
    fingerprint; `missing` are sentences about what is not there.
    """

    state: str | None
    layers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Everything beside the resource. `rival` names an older claimant; it is looked up only before a run."""

    now: float
    blueprint: Blueprint
    program_version: str
    secrets: SecretFacts
    rival: str | None = None


def older_claimant(env: Environment, others: list[Environment]) -> str | None:
    """`namespace/name` of the resource that claimed the same environment first, if it is not this one."""
    claim = claim_of(env)
    rivals = [other for other in others if claim_of(other) == claim and _age(other) < _age(env)]
    first = min(rivals, key=_age, default=None)
    return f"{first.namespace}/{first.name}" if first else None


def claim_of(env: Environment) -> tuple[str, str, str, str]:
    """What no two resources may both build: blueprint, account, region, environment."""
    return env.spec.blueprint, env.spec.aws.account_id, env.spec.aws.region, env.spec.environment


def _age(env: Environment) -> tuple[float, str]:
    return epoch(env.creation), env.uid
