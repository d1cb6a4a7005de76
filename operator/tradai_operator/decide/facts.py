"""What a decision is given beside the resource itself: the time, secrets' fingerprints, images, who else claims it.

Pure data. Must never hold a secret's value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tradai_iac.blueprint import Blueprint
from tradai_iac.failure import Failure
from tradai_iac.images.wanted import WantedImage
from tradai_runner.contract import Owner


@dataclass(frozen=True)
class SecretFacts:
    """What is known of the Secrets that the spec refers to.

    `state` is the fingerprint of the state's passphrase, None where there is none; `layers` maps layer → secret →
    fingerprint; `missing` are sentences about what is not there. `all_states` are the fingerprints of all passphrases
    that a deletion tries, `tried` says where they come from.
    """

    state: str | None
    layers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    all_states: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageFacts:
    """What was seen when somebody last looked for the images of one layer, `looked_at` seconds since the epoch.

    `found` maps component → digest; where the registry gave no answer, `failure` says why, `found` is what was seen
    before and `failures` how often of this kind in a row. `missing_since` is the first look in a row that found images
    missing.
    """

    wanted: tuple[WantedImage, ...]
    looked_at: float
    found: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[WantedImage, ...] = ()
    failure: Failure | None = None
    failures: int = 0
    missing_since: float | None = None

    @property
    def complete(self) -> bool:
        """Whether the look found everything."""
        return self.failure is None and not self.missing


@dataclass(frozen=True)
class StackSeen:
    """What the state bucket has of one stack: whose it is, and whether anything of it may be in AWS.

    `failure` says why its state is none to work on, `digest` names the state file; both only where that was read.
    """

    owner: Owner | None = None
    stands: bool = False
    failure: Failure | None = None
    digest: str = ""

    @property
    def may_stand(self) -> bool:
        """Whether something may be in AWS: also where its state is lost."""
        return self.stands or self.failure is not None


@dataclass(frozen=True)
class StackFacts:
    """What the state bucket said when somebody last asked it, `looked_at` seconds since the epoch.

    `seen` maps layer → its stack; where the bucket gave no answer, `failure` says why, and `no_bucket` that there is
    none of that name.
    """

    looked_at: float
    seen: Mapping[str, StackSeen] = field(default_factory=dict)
    failure: str = ""
    no_bucket: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything beside the resource.

    `images` maps layer → what was seen of its images, where anybody looked; `since` is when this operator first saw
    the resource; `rival` names who claims the environment before it, looked up only before a run; `refused` says why
    nothing may run; `unknown` says why it is not known what the state bucket has of it, `no_bucket` that there
    is none at `place`. `stacks` is what that has, where a deletion asked for it; `cluster` names this cluster there;
    `began` says, of what goes, that something was kept for a destroy, because an `up` was about to begin.
    """

    now: float
    blueprint: Blueprint
    program_version: str
    secrets: SecretFacts
    rival: str | None = None
    images: Mapping[str, ImageFacts] = field(default_factory=dict)
    since: float = 0.0
    refused: str = ""
    unknown: str = ""
    no_bucket: bool = False
    stacks: StackFacts | None = None
    cluster: str = ""
    place: str = ""
    began: bool = False
