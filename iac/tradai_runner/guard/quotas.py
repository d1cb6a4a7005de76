"""Whether what a program registers fits into the account's quotas, before anything is registered.

AWS's default is taken where it is enough; only where it is not, or where an account is often full, AWS is asked for
the account's own value and for what is in use. Must never refuse for a number that AWS did not say itself.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi.runtime import register_stack_transformation
from pydantic.alias_generators import to_camel

from tradai_iac.failure import Failure
from tradai_iac.immutable import Known
from tradai_iac.quotas import Quota, Resource
from tradai_runner.contract import RunRequest

#: Name of a quota that an account fills quickly → how to count what is in use: operation and list of EC2.
IN_USE: Final = {
    "VPCs": ("describe_vpcs", "Vpcs"),
    "Internet gateways": ("describe_internet_gateways", "InternetGateways"),
    "Elastic IP addresses": ("describe_addresses", "Addresses"),
}
#: Service of a row → its code in Service Quotas, where it is not the name in lower case.
_CODES: Final = {"API Gateway": "apigateway", "ELB": "elasticloadbalancing", "EventBridge": "events"}
_AT_ONCE: Final = 8


@dataclass(frozen=True)
class Need:
    """One quota as this layer uses it: all of it, and what is new; `limit` and `used` as AWS says, None where not."""

    quota: Quota
    whole: int
    new: int
    limit: int | None = None
    used: int | None = None

    @property
    def broken(self) -> bool:
        """Whether AWS itself says that it cannot fit."""
        return self.limit is not None and self._over(self.limit)

    @property
    def doubtful(self) -> bool:
        """Whether it does not fit into AWS's default, and nobody knows the account's own value."""
        return self.limit is None and self._over(self.quota.default)

    def _over(self, limit: int) -> bool:
        return self.whole > limit or (self.used is not None and self.used + self.new > limit)

    def __str__(self) -> str:
        used = f", {self.used} are in use" if self.used is not None else ""
        limit = self.limit if self.limit is not None else f"{self.quota.default} unless it was raised"
        return f"{self.quota.service} {self.quota.name}: {self.new} more are needed{used}, the limit is {limit}"


def needs(quotas: Sequence[Quota], graph: Sequence[Resource], standing: Sequence[str]) -> list[Need]:
    """What a graph needs of each quota, beside the types that stand; rows that cannot be told yet are left out."""
    stand = Counter(standing)
    found = []
    for quota in quotas:
        try:
            whole = quota.use(graph)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue  # an input that is only known once something else stands
        new = whole - sum(stand[type_] for type_ in quota.types) if not quota.within else whole
        if new > 0:
            found.append(Need(quota, whole, new))
    return found


def verdict(asked: Sequence[Need]) -> tuple[Failure | None, tuple[str, ...]]:
    """Why the layer cannot be built, and what may stand in its way."""
    broken = [str(need) for need in asked if need.broken]
    if not broken:
        return None, tuple(str(need) for need in asked if need.doubtful)
    hint = "Nothing was touched. Ask AWS to raise it (Service Quotas, in the region of the resource), or free some."
    return Failure(kind="Quota", error="; ".join(broken), hint=hint), ()


class Quotas:
    """One run's, by the rows of its blueprint; `check` once the program is through."""

    reason: Final = "QuotaExceeded"

    def __init__(self, request: RunRequest, quotas: Sequence[Quota]) -> None:
        self._request = request
        self._quotas = quotas
        self._graph: list[Resource] = []
        self.warnings: tuple[str, ...] = ()
        self.failure: Failure | None = None

    def register(self) -> None:
        """Notes what the program registers from here on."""
        register_stack_transformation(self._note)

    def _note(self, args: pulumi.ResourceTransformationArgs) -> None:
        if args.type_.startswith("aws:"):
            self._graph.append((args.type_, {to_camel(name): _plain(value) for name, value in args.props.items()}))

    def check(self, recorded: Sequence[Known]) -> None:
        """Judges what is new beside what the state has."""
        standing = [known.type for known in recorded]
        worth = [
            need for need in needs(self._quotas, self._graph, standing) if need.doubtful or need.quota.name in IN_USE
        ]
        if not worth:
            return
        from tradai_runner.repair.clients import clients_for  # boto3 loads while the engine starts

        client = clients_for(self._request)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="quotas") as pool:
            self.failure, self.warnings = verdict(list(pool.map(lambda need: _asked(client, need), worth)))


def _plain(value: Any) -> Any:
    """The value, or the name of an output: equal for the same one, so that parents can be told apart."""
    return f"output {id(value)}" if isinstance(value, pulumi.Output) else value


def _asked(client: Callable[[str], Any], need: Need) -> Need:
    return Need(need.quota, need.whole, need.new, _limit(client, need.quota), _used(client, need.quota))


def _limit(client: Callable[[str], Any], quota: Quota) -> int | None:
    if quota.code is None:
        return None
    service = _CODES.get(quota.service, quota.service.lower())
    return _tried(
        lambda: int(
            client("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=quota.code)["Quota"]["Value"]
        )
    )


def _used(client: Callable[[str], Any], quota: Quota) -> int | None:
    if quota.name not in IN_USE:
        return None
    call, listed = IN_USE[quota.name]
    return _tried(lambda: _count(getattr(client("ec2"), call)(), listed))


def _count(answer: Mapping[str, Any], listed: str) -> int:
    return len(answer[listed])


def _tried(ask: Callable[[], int]) -> int | None:
    """No right to ask, or no answer, is no news."""
    from botocore.exceptions import BotoCoreError, ClientError  # as above

    try:
        return ask()
    except (ClientError, BotoCoreError, KeyError):
        return None
