"""One outer pytest plays the tests of an environment of its own and counts each of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rings.tree import ROOT

CONFTEST = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.worlds import plugin

def pytest_configure(config):
    config.pluginmanager.register(plugin)
"""
INNER = """
import sys, pytest

@pytest.mark.parametrize("number", [1, 2])
def test_good(number):
    assert sys.path

def test_bad():
    assert "what is" == "what should be"

@pytest.mark.skip(reason="not here")
def test_left_out(): ...

@pytest.fixture
def broken():
    raise RuntimeError("no ground")

def test_without_ground(broken): ...
"""


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "inner.py").write_text(INNER)
    return tmp_path


def world(outer: Path, text: str) -> None:
    (outer / "functions" / "world.toml").write_text(text)


def played(outer: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *words]
    bare = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=outer, env=bare, capture_output=True, text=True, check=False)


def test_every_test_of_a_world_is_counted_with_its_own_outcome(outer: Path) -> None:
    world(outer, f'python = "{sys.executable}"\ntests = ["inner.py"]')
    ran = played(outer)
    assert ran.stdout.splitlines()[-1].startswith("2 failed, 2 passed, 1 skipped"), ran.stdout
    assert "PASSED functions/world.toml::inner.py::test_good[2]" in ran.stdout
    assert "what should be" in ran.stdout
    assert "no ground" in ran.stdout
    assert ran.returncode == 1


def test_only_what_is_asked_for_is_played_inside(outer: Path) -> None:
    world(outer, f'python = "{sys.executable}"\ntests = ["inner.py"]')
    ran = played(outer, "-k", "test_good")
    assert ran.stdout.splitlines()[-1].startswith("2 passed, 3 deselected"), ran.stdout
    assert ran.returncode == 0


def test_a_world_is_made_when_it_is_first_needed(outer: Path) -> None:
    once = "import os, sys; os.path.exists('python') or os.symlink(sys.executable, 'python')"
    make = json.dumps([sys.executable, "-c", once])
    world(outer, f'python = "python"\nmake = {make}\ntests = ["inner.py"]')
    assert "2 passed" in played(outer, "-k", "test_good").stdout
    assert (outer / "functions" / "python").is_symlink()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('python = "gone"\ntests = []', "nothing in the world's file makes it"),
        ("tests = []", "is no world"),
        ("what?", "is no world"),
        (f'python = "{sys.executable}"\ntests = ["nowhere.py"]', "nowhere.py"),
        (f'python = "gone"\nmake = ["{sys.executable}", "-c", "exit(\'no disk\')"]\ntests = []', "no disk"),
    ],
)
def test_a_world_that_cannot_be_entered_fails_the_run_and_says_why(outer: Path, text: str, why: str) -> None:
    world(outer, text)
    ran = played(outer)
    assert why in ran.stdout
    assert "Traceback" not in ran.stdout
    assert ran.returncode
