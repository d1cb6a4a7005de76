"""Says to a local AWS endpoint what the images are that are pushed to it.

Must never fail a push: an endpoint that is no sandbox's has another way to run an image, or none.
"""

import json
import urllib.error
import urllib.request

from tradai_iac.images.sources import Source
from tradai_iac.images.wanted import WantedImage
from tradai_sandbox.workloads.words import RECIPES_PATH, Recipe, Recipes

_SECONDS = 10


def recipe(image: WantedImage, source: Source) -> Recipe:
    """How the endpoint runs the image."""
    return Recipe(
        component=image.component,
        kind=image.kind,
        files={place: str(path) for place, path in source.files.items()},
        world=str(source.world),
        make=f"just world {source.world.name}",
        entry_point=source.entry_point,
        command=source.command,
        variables=dict(source.variables),
        folder=source.folder,
    )


class Teller:
    """One endpoint on this machine."""

    def __init__(self, endpoint: str) -> None:
        self._url = f"{endpoint.rstrip('/')}{RECIPES_PATH}"

    def __call__(self, digest: str, image: WantedImage, source: Source) -> None:
        """As `images.push.Tell` says."""
        body = Recipes(recipes={digest: recipe(image, source)}).model_dump(mode="json")
        said = urllib.request.Request(self._url, json.dumps(body).encode(), method="PUT")  # noqa: S310 - loopback
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            opener.open(said, timeout=_SECONDS).close()
        except urllib.error.HTTPError as error:
            error.close()
