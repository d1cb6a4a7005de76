"""What each pushed digest is: the files of its image, kept as they were pushed, and how it is started.

A handler that is edited afterwards is another image, once it is pushed. Must never run a file of the checkout, nor
install anything.
"""

import json
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tradai_sandbox.workloads.words import Recipe, Recipes

_FILE: Final = "recipes.json"
_WORK: Final = ".venv/bin/python"


class NoWorldError(Exception):
    """The packages of an image are not installed here; the sentence says what installs them."""


@dataclass(frozen=True)
class Image:
    """A digest's recipe, and the folder that has its files as the image would (`/` of it)."""

    recipe: Recipe
    tree: Path

    @property
    def python(self) -> Path:
        """The interpreter with its packages; raises NoWorldError."""
        found = Path(self.recipe.world) / _WORK
        if not found.exists():
            said = f"the packages of {self.recipe.component} are not installed here"
            raise NoWorldError(f"{said}: `{self.recipe.make}` does it, then try again")
        return found

    def place(self, path: str) -> Path:
        """Where a folder of the image is on this machine."""
        return self.tree / path.lstrip("/")


class Store:
    """The recipes in one folder, which outlives the endpoint where it is the sandbox's."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._known: dict[str, Recipe] = {}
        self._turn = threading.Lock()

    def keep_in(self, folder: Path) -> None:
        """Remember there, and know what was remembered before."""
        folder.mkdir(parents=True, exist_ok=True)
        with self._turn:
            self._folder, path = folder, folder / _FILE
            self._known = dict(Recipes.model_validate_json(path.read_text()).recipes) if path.exists() else {}

    def add(self, told: Recipes) -> None:
        """Learn what digests are, with the files as they are now; raises OSError for one that is not there."""
        with self._turn:
            for digest, recipe in told.recipes.items():
                if digest not in self._known or not self._tree(digest).exists():
                    _copy(recipe, self._tree(digest))
                self._known[digest] = recipe
            kept = Recipes(recipes=self._known).model_dump(mode="json")
            partial = self._own / f"{_FILE}.new"
            partial.write_text(json.dumps(kept))
            partial.replace(self._own / _FILE)

    def image(self, digest: str) -> Image | None:
        """What is behind a digest; None where nobody has said."""
        recipe = self._known.get(digest)
        return Image(recipe, self._tree(digest)) if recipe else None

    def all(self) -> Recipes:
        """Everything that is known."""
        with self._turn:
            return Recipes(recipes=dict(self._known))

    @property
    def _own(self) -> Path:
        if self._folder is None:
            raise RuntimeError("nobody has said where recipes are kept")
        return self._folder

    def _tree(self, digest: str) -> Path:
        return self._own / digest.replace(":", "-")


def _copy(recipe: Recipe, tree: Path) -> None:
    """All files or none: a folder that is there is whole."""
    begun = tree.with_name(f"{tree.name}.new")
    shutil.rmtree(begun, ignore_errors=True)
    for place, source in recipe.files.items():
        into = begun / place.lstrip("/")
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, into)
    begun.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(tree, ignore_errors=True)
    begun.rename(tree)
