"""Which of several resources may build an environment: who stands there, then who is older. Asked once, before a run.

A resource that is invalid just now claims as before: what it stands on is there all the same. Must never be asked each
turn: it lists every environment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tradai_operator.model import Environment, EnvironmentStatus, InvalidResource, Metadata
from tradai_operator.model.spec import EnvironmentSpec
from tradai_operator.model.times import epoch


@dataclass(frozen=True)
class Claim:
    """What a resource claims: `of` is what no two may both build, `who` is `namespace/name`.

    `stands` says whether its runs may have made something that is not another's.
    """

    of: tuple[str, ...]
    who: str
    uid: str
    created: float
    stands: bool


def claim_of(body: Mapping[str, Any]) -> Claim | None:
    """What a body claims, be it valid or not; None where it names no environment at all."""
    if (of := _claimed(body)) is None:
        return None
    try:
        meta = Metadata.parse(body)
    except InvalidResource:
        return None
    status = EnvironmentStatus.parse(body.get("status"))
    return Claim(of, meta.key, meta.uid, epoch(meta.creation), stands_in(status))


def _claimed(body: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What no two may both build, read without parsing anything: most of a thousand environments are no rivals."""
    spec = body.get("spec")
    aws = spec.get("aws") if isinstance(spec, Mapping) else None
    if not isinstance(spec, Mapping) or not isinstance(aws, Mapping):
        return None
    blueprint = spec.get("blueprint", EnvironmentSpec.model_fields["blueprint"].default)
    found = (blueprint, aws.get("accountId"), aws.get("region"), spec.get("environment"))
    of = tuple(part for part in found if isinstance(part, str) and part)
    return of if len(of) == len(found) else None


def stands_in(status: EnvironmentStatus) -> bool:
    """Whether runs may have made something; a layer whose marker names another counts for that one."""
    return any(layer.touched and not (layer.failure and layer.failure.kind == "Owner") for layer in status.layers)


def first_of(claims: Iterable[Claim]) -> Claim:
    """Who may build; raises ValueError where there is none."""
    return min(claims, key=lambda claim: (not claim.stands, claim.created, claim.uid))


def rival_of(env: Environment, status: EnvironmentStatus, bodies: Iterable[Mapping[str, Any]]) -> str | None:
    """`namespace/name` of who goes before `env` among the `bodies` of all environments, None where nobody does."""
    aws = env.spec.aws
    of = (env.spec.blueprint, aws.account_id, aws.region, env.spec.environment)
    mine = Claim(of, env.key, env.uid, epoch(env.creation), stands_in(status))
    found = [claim_of(body) for body in bodies if _claimed(body) == of]
    others = [claim for claim in found if claim and claim.uid != env.uid]
    first = first_of([mine, *others])
    return None if first is mine else first.who
