"""Brings the images of an environment into its registry: built by a container engine, or as stand-ins.

One image's trouble never hides another's: each has an outcome. Must never say that something was pushed whose digest
the registry does not tell.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from tradai_iac.images.dockerfile import DockerfileError
from tradai_iac.images.engine import ENGINES, ContainerEngine, EngineError
from tradai_iac.images.registry import EcrRegistry
from tradai_iac.images.sources import Source, source_of
from tradai_iac.images.standin import StandIn, stand_in
from tradai_iac.images.wanted import WantedImage


class PushError(Exception):
    """An image cannot be brought; the sentence names what is missing and what to do."""


@dataclass(frozen=True)
class Outcome:
    """What became of one image: its digest, or a sentence."""

    image: WantedImage
    digest: str = ""
    error: str = ""


class Way(Protocol):
    """How an image gets into its repository."""

    def bring(self, image: WantedImage) -> None:
        """Brings it; raises PushError, EngineError, ClientError or BotoCoreError."""


#: Is told what a digest is made from, before any registry has it.
Tell = Callable[[str, WantedImage, Source], None]


class StandIns:
    """Manifests without a container engine, for a local endpoint; another `content` or source is another image."""

    def __init__(self, registry: EcrRegistry, content: str, root: Path, tell: Tell) -> None:
        self._registry = registry
        self._content = content
        self._root = root
        self._tell = tell

    def bring(self, image: WantedImage) -> None:
        """Puts the stand-in's manifest under the tag; raises PushError for a Dockerfile that nobody understands."""
        made, source = stand_in_of(image, self._content, self._root)
        if source:
            self._tell(made.digest, image, source)
        self._registry.put(image, made)


def stand_in_of(image: WantedImage, content: str, root: Path) -> tuple[StandIn, Source | None]:
    """The stand-in of an image, and the source that it follows where the checkout `root` has one; raises PushError."""
    try:
        source = source_of(root / folder_of(image), root)
    except DockerfileError as error:
        raise PushError(f"its Dockerfile cannot be followed: {error}") from error
    return stand_in(image.component, f"{content} {source.digest}" if source else content), source


class Built:
    """Images built from the Dockerfiles below `root`, which is also what the builds see."""

    def __init__(self, registry: EcrRegistry, engine: ContainerEngine | None, root: Path) -> None:
        self._registry = registry
        self._engine = engine
        self._root = root
        self._server = ""

    def bring(self, image: WantedImage) -> None:
        """Builds and pushes; signs in once."""
        dockerfile = self._root / folder_of(image) / "Dockerfile"
        if not dockerfile.is_file():
            raise PushError(f"there is no {dockerfile.relative_to(self._root)}: write it, or push the image yourself")
        if self._engine is None:
            raise PushError(f"no container engine is on PATH: install {', '.join(ENGINES)} (one is enough)")
        if not self._server:
            login = self._registry.login()
            self._engine.login(login)
            self._server = login.server
        name = f"{self._server}/{image.name}"
        self._engine.build(dockerfile, self._root, name)
        self._engine.push(name)


def folder_of(image: WantedImage) -> Path:
    """Where an image's Dockerfile is: as its blueprint says, else that of the function or service."""
    if image.folder:
        return Path(image.folder)
    if image.kind == "lambda":
        return Path("lambdas") / image.component.replace("-", "_")
    return Path("services") / image.component


def push_all(images: Sequence[WantedImage], registry: EcrRegistry, way: Way) -> Iterator[Outcome]:
    """Brings one after the other; what goes wrong is in its outcome."""
    for image in images:
        try:
            yield Outcome(image, _pushed(image, registry, way))
        except (PushError, EngineError, ClientError, BotoCoreError) as error:
            yield Outcome(image, error=str(error))


def _pushed(image: WantedImage, registry: EcrRegistry, way: Way) -> str:
    if not registry.has_repository(image):
        raise PushError("its repository does not exist: the persistent layer creates it, so bring that layer up first")
    way.bring(image)
    digest = registry.digest(image)
    if digest is None:
        raise PushError("it was pushed, but the registry does not have it")
    return digest
