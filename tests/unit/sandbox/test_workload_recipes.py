"""What the endpoint remembers of pushed images."""

from pathlib import Path

import pytest

from tradai_sandbox.workloads.recipes import NoWorldError, Store
from tradai_sandbox.workloads.words import Recipe, Recipes

DIGEST = "sha256:1"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "handler.py"
    path.write_text("one")
    return path


def told(source: Path) -> Recipes:
    recipe = Recipe(
        component="job",
        kind="lambda",
        files={"/var/task/job/handler.py": str(source)},
        world=str(source.parent),
        make="just world lambdas",
    )
    return Recipes(recipes={DIGEST: recipe})


def store(folder: Path) -> Store:
    made = Store()
    made.keep_in(folder)
    return made


def test_a_digest_is_what_was_pushed_whatever_becomes_of_the_checkout(tmp_path: Path, source: Path) -> None:
    kept = store(tmp_path / "kept")
    kept.add(told(source))
    source.write_text("two")
    kept.add(told(source))
    image = kept.image(DIGEST)
    assert image and image.place("/var/task/job/handler.py").read_text() == "one"


def test_it_is_known_to_the_next_endpoint(tmp_path: Path, source: Path) -> None:
    store(tmp_path / "kept").add(told(source))
    source.unlink()
    image = store(tmp_path / "kept").image(DIGEST)
    assert image and image.place("/var/task/job/handler.py").read_text() == "one"


def test_a_file_that_is_gone_leaves_nothing_half_known(tmp_path: Path, source: Path) -> None:
    kept = store(tmp_path / "kept")
    source.unlink()
    with pytest.raises(FileNotFoundError):
        kept.add(told(source))
    assert kept.image(DIGEST) is None


def test_what_nobody_said_is_unknown(tmp_path: Path) -> None:
    assert store(tmp_path / "kept").image(DIGEST) is None


def test_a_world_that_is_not_there_is_named_with_what_makes_it(tmp_path: Path, source: Path) -> None:
    kept = store(tmp_path / "kept")
    kept.add(told(source))
    image = kept.image(DIGEST)
    assert image
    with pytest.raises(NoWorldError, match="packages of job are not installed here: `just world lambdas` does it"):
        _ = image.python
