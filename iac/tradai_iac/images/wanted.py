"""The images that a layer wants, the registry that shall have them, and what is said of those that it lacks.

Pure. Must never ask a registry: `registry` does.
"""

import ipaddress
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from tradai_iac.base import Frozen
from tradai_iac.blueprint import Blueprint
from tradai_iac.failure import Failure
from tradai_iac.naming import Naming

#: Who builds an image → the recipe that brings all of that kind.
RECIPES: Final = {"lambda": "just lambda-bootstrap", "service": "just service-push-all"}
#: More names than these would fill a terminal and say nothing more.
_SHOWN: Final = 5


class WantedImage(Frozen):
    """One image of one environment: `component` as the blueprint calls it, `repository` as ECR does.

    `folder` is where its Dockerfile is, if not where its kind and component say.
    """

    component: str
    kind: str
    repository: str
    tag: str
    folder: str = ""

    @property
    def name(self) -> str:
        """`tradai/backend-dev:latest`, for people."""
        return f"{self.repository}:{self.tag}"


class Registry(Frozen):
    """Where the images of an environment are kept, and as whom it is asked: the same as a run of its layers."""

    account_id: str
    region: str
    environment: str
    endpoint_url: str | None = None
    assume_role_arn: str | None = None
    external_id: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether AWS is a local endpoint here, which keeps manifests and no layers."""
        host = urlsplit(self.endpoint_url or "").hostname or ""
        try:
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False


class Resolution(Frozen):
    """What a registry answered: component → digest (`sha256:…`), what it lacks, or why it gave no answer."""

    found: dict[str, str] = {}
    missing: tuple[WantedImage, ...] = ()
    failure: Failure | None = None


def wanted_images(blueprint: Blueprint, layer: str, config: Any, environment: str) -> tuple[WantedImage, ...]:
    """The images of one layer with that configuration; raises ValueError where it contradicts itself."""
    naming = Naming(blueprint.project, environment)
    return tuple(
        WantedImage(
            component=ref.component,
            kind=ref.kind,
            repository=naming.path(ref.component),
            tag=ref.tag,
            folder=ref.folder,
        )
        for ref in blueprint.layer(layer).images(config)
    )


def missing_sentence(missing: Sequence[WantedImage], environment: str) -> str:
    """Which images are not there, the first few by name, and the commands that bring them."""
    names = [image.name for image in missing[:_SHOWN]]
    more = [f"{len(missing) - _SHOWN} more"] if len(missing) > _SHOWN else []
    return f"images are missing: {_listed([*names, *more])}; bring them with {commands(missing, environment)}"


def commands(missing: Sequence[WantedImage], environment: str) -> str:
    """The recipes for the kinds that are missing, each in backticks."""
    kinds = {image.kind for image in missing}
    return " and ".join(f"`{recipe} {environment}`" for kind, recipe in RECIPES.items() if kind in kinds)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
