"""What every stack program is given beside its configuration and its upstream outputs.

Must never read the environment, the clock or a file: the runner fills it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from tradai_iac.naming import Naming
from tradai_iac.settings import Settings

if TYPE_CHECKING:
    import pulumi

S = TypeVar("S", bound=Settings, covariant=True)


@dataclass(frozen=True)
class Context(Generic[S]):
    """One environment of one account and region, as a stack program sees it.

    `settings` are the blueprint's own values resolved for the environment; `secrets` maps the names of secrets
    (`binance-api`, ...) to their values as secret outputs; `state_bucket` is the bucket of the state backend,
    or None where the backend is no bucket; `images` maps an image's component name to its digest, `sha256:…`.
    """

    environment: str
    account_id: str
    region: str
    naming: Naming
    settings: S
    secrets: Mapping[str, pulumi.Output[str]]
    state_bucket: str | None
    images: Mapping[str, str] = field(default_factory=dict)
