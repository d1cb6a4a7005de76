"""What every stack program is given beside its configuration and its upstream outputs.

Must never read the environment, the clock or a file: the runner fills it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tradai_iac.naming import Naming

if TYPE_CHECKING:
    import pulumi

    from tradai_iac.config import Settings


@dataclass(frozen=True)
class Context:
    """One environment of one account and region, as a stack program sees it.

    `settings` are the canonical values resolved for the environment; `secrets` maps the names of 002 §8
    (`binance-api`, ...) to their values as secret outputs; `state_bucket` is the bucket of the state backend,
    or None where the backend is no bucket; `images` maps an image's component name to its digest, `sha256:…`.
    """

    environment: str
    account_id: str
    region: str
    naming: Naming
    settings: Settings
    secrets: Mapping[str, pulumi.Output[str]]
    state_bucket: str | None
    images: Mapping[str, str] = field(default_factory=dict)
