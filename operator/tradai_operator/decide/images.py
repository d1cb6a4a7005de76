"""Before a layer runs: whether the images that it wants are there, as far as anybody has looked, and when to look.

Pure. A look costs AWS one call an image, so that a layer with nothing to do is looked at seldom, and one that waits
at a pace of its own however often the environment is decided upon. Must never take an old look for the present when
something is about to start.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tradai_iac.blueprint import Layer
from tradai_iac.images.wanted import WantedImage, missing_sentence, wanted_images
from tradai_operator.decide.facts import Facts, ImageFacts
from tradai_operator.model import Environment, LayerStatus
from tradai_operator.plan.retry import wait_after
from tradai_operator.status.phases import Checked

#: A person who just pushed should not wait long, and 23 calls in 15 s are far below what ECR allows an account.
POLL_SECONDS: Final = 15.0
#: Who is told that images are missing often pushes them at once: the first looks after that come as soon.
SOON_SECONDS: Final = 3.0
#: A new image behind an old tag is nobody's emergency; each environment adds up to a fifth, so that they spread.
SLOW_SECONDS: Final = 600.0
_SPREAD: Final = 0.2
#: A restarted operator looks at its Ready environments within this time, not at all of them at once.
FIRST_SECONDS: Final = 60.0


@dataclass(frozen=True)
class ImageCheck:
    """One layer's images: what is known now.

    `digests` are the best known, those of the last run where nobody has looked since; `missing` is a sentence about
    what the last look did not find; `fresh` says whether it is good enough to act upon, `again_at` until when;
    `idle_at` is when to look where nothing else asks for it.
    """

    wanted: tuple[WantedImage, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    seen: ImageFacts | None = None
    fresh: bool = True
    again_at: float = 0.0
    idle_at: float = 0.0

    @property
    def ready(self) -> bool:
        """Whether a run may start with `digests`."""
        return not self.wanted or (self.fresh and self.seen is not None and self.seen.complete)

    def checked(self, layer: str) -> Checked | None:
        """How the Preflight condition reads, None where the last word on it stands."""
        if self.seen is None:
            return None
        if self.missing:
            return Checked("False", "ImagesMissing", f"{layer}: {self.missing}")
        if self.seen.failure is None:
            return Checked("True", "ImagesFound", f"{layer}: all images are in their repositories")
        known = len(self.digests) == len(self.wanted)
        return None if known else Checked("Unknown", "ImagesUnknown", f"{layer}: {unknown_sentence(self.seen)}")


def image_check(
    env: Environment, facts: Facts, layer: Layer, current: LayerStatus, built_at: float = 0.0
) -> ImageCheck:
    """The images of a layer as they are known now; those that were missing are looked for anew once it might run.

    `built_at` is when the last of the layers that it reads was built, seconds since the epoch.
    """
    wanted = wanted_images(facts.blueprint, layer.name, env.spec.layer(layer.name).config, env.spec.environment)
    if not wanted:
        return ImageCheck()
    own = share(env.uid)
    seen = facts.images.get(layer.name)
    if seen is None or seen.wanted != wanted:
        digests = _only(wanted, current.latest_images)
        return ImageCheck(wanted, digests, fresh=False, idle_at=facts.since + FIRST_SECONDS * own)
    again_at = seen.looked_at if seen.missing and seen.looked_at < built_at else seen.looked_at + _wait(seen)
    return ImageCheck(
        wanted,
        digests=_only(wanted, {**current.latest_images, **seen.found}),
        missing=missing_sentence(seen.missing, env.spec.environment) if seen.missing else "",
        seen=seen,
        fresh=facts.now < again_at,
        again_at=again_at,
        idle_at=seen.looked_at + SLOW_SECONDS * (1 + _SPREAD * own),
    )


def unknown_sentence(seen: ImageFacts | None) -> str:
    """Why nobody knows whether the images are there."""
    failure = seen.failure if seen else None
    if failure is None:
        return "its images are being looked up"
    return f"ECR could not be asked for its images: {failure.error[:600]}. {failure.hint}"


def _wait(seen: ImageFacts) -> float:
    if seen.failure is None:
        lacking = POLL_SECONDS if seen.missing_since is None else seen.looked_at - seen.missing_since
        return min(POLL_SECONDS, max(SOON_SECONDS, lacking))
    return wait_after(seen.failure.kind, seen.failures) or SLOW_SECONDS


def _only(wanted: tuple[WantedImage, ...], digests: Mapping[str, str]) -> dict[str, str]:
    return {image.component: digests[image.component] for image in wanted if image.component in digests}


def share(uid: str) -> float:
    """A number from 0 to 1 that is each resource's own."""
    return int.from_bytes(hashlib.sha256(uid.encode()).digest()[:4]) / 2**32
