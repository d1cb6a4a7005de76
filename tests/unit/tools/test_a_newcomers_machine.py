"""On a machine that lacks something `make demo` ends in one sentence that says what to do."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools.provision import host, trouble

CHECKOUT = Path(__file__).parents[3]
MAKE = shutil.which("make") or "make"
#: What the bootstrap reads of a checkout.
PARTS = ("Makefile", "pyproject.toml", "requirements*.lock", "tools/*.toml", "tools/*.py", "tools/provision/*.py")

NO_ENSUREPIP = "import sys; sys.modules['ensurepip'] = None"
OTHER_SYSTEM = "import sys; sys.platform = 'darwin'"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone, as far as the bootstrap is concerned."""
    root = tmp_path / "clone"
    for path in (path for part in PARTS for path in CHECKOUT.glob(part)):
        target = root / path.relative_to(CHECKOUT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (root / "bin").mkdir()
    (root / "bin" / "python3.11").symlink_to(_python())
    return root


def _python() -> str:
    """The Python that environments are made from: the one in ours would make them anew from itself."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _demo(clone: Path, **more: str) -> list[str]:
    """What `make demo` complains of, make's own line aside."""
    base = {
        "PATH": f"{clone / 'bin'}:/usr/bin:/bin",
        "HOME": str(clone.parent),
        "TRADAI_CACHE": str(clone.parent / "cache"),
    }
    values = {name: value for name, value in (base | more).items() if value}
    ran = subprocess.run([MAKE, "demo"], cwd=clone, env=values, capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert all(line.startswith("· ") for line in ran.stdout.splitlines()), ran.stdout
    *said, own = ran.stderr.splitlines()
    assert own.startswith("make: ***")
    return said


def _site(clone: Path, code: str) -> str:
    """A folder for PYTHONPATH with which Python starts as on another machine."""
    folder = clone.parent / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(code)
    return str(folder)


def test_without_any_python(clone: Path) -> None:
    (clone / "bin" / "python3.11").unlink()
    (said,) = _demo(clone, PATH=str(clone / "bin"))
    assert said == "Python 3.11 or newer is not on PATH: install it, or name it with make PYTHON=/where/it/is"


def test_with_an_old_python_and_a_version_managers_stand_in_alone(clone: Path) -> None:
    (clone / "bin" / "python3.11").unlink()
    for name, script in (("python3.11", "echo 'python3.11: command not found' >&2; exit 127"), ("python3", "exit 1")):
        (clone / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (clone / "bin" / name).chmod(0o755)
    (said,) = _demo(clone, PATH=str(clone / "bin"))
    assert "Python 3.11 or newer is not on PATH" in said


def test_with_a_python_that_makes_no_environments(clone: Path) -> None:
    (said,) = _demo(clone, PYTHONPATH=_site(clone, NO_ENSUREPIP))
    assert "cannot make virtual environments" in said
    assert "apt install python3." in said
    assert "make PYTHON=..." in said


def test_on_another_system(clone: Path) -> None:
    (said,) = _demo(clone, PYTHONPATH=_site(clone, OTHER_SYSTEM))
    assert said.startswith("TradAI's sandbox runs on Linux alone, and this is darwin: use a Linux machine")


def test_with_a_home_that_cannot_be_written(clone: Path) -> None:
    """Below a file nobody can make a folder, not even root."""
    (said,) = _demo(clone, HOME=str(clone / "Makefile"), TRADAI_CACHE="")
    assert "Makefile/.cache/tradai cannot be written" in said
    assert "TRADAI_CACHE" in said
    assert not (clone / ".venv").exists()


def test_without_network(clone: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens, nobody else may
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        (said,) = _demo(clone, PIP_INDEX_URL=index, UV_INDEX_URL=index, PIP_RETRIES="1", PIP_CONFIG_FILE=os.devnull)
    assert said.startswith("The Python packages cannot be fetched, because their index does not answer")
    assert "PIP_INDEX_URL" in said


#: What tools really say, a sandbox without network around them.
TOLD = {
    "go, proxy off": ("main.go:8:2: module lookup disabled by GOPROXY=off", "GOPROXY is off"),
    "go, refused": (
        'main.go:8:2: m@v3: Get "http://127.0.0.1:9/m/@v/v3.zip": dial tcp 127.0.0.1:9: connect: connection refused',
        "Go modules cannot be fetched",
    ),
    "go, no name": (
        'main.go:8:2: m@v3: Get "https://x.test/m/@v/v3.zip": dial tcp: lookup x.test on 10.0.0.1:53: no such host',
        "Go modules cannot be fetched",
    ),
    "uv": ("cause: error sending request for url (http://127.0.0.1:9/simple/a/)", "Python packages cannot be fetched"),
    "pip": ("Failed to establish a new connection: [Errno 111] Connection refused')", "Python packages cannot be"),
    "pip, no retries": ("ERROR: Could not find a version (from versions: none)", "Python packages cannot be"),
    "disk": ("write /x/y: no space left on device", "The disk is full"),
}


@pytest.mark.parametrize(("told", "means"), TOLD.values(), ids=TOLD)
def test_what_tools_say_of_a_lack_becomes_one_sentence(told: str, means: str) -> None:
    sentence = trouble.sentence(f"first\n{told}\nlast")
    assert sentence
    assert means in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("told", ["main.go:3: undefined: x", "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", ""])
def test_what_is_not_known_is_not_explained(told: str) -> None:
    assert trouble.sentence(told) is None


def test_tools_keep_their_caches_with_ours_where_home_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name in ("GOCACHE", "GOMODCACHE", "UV_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "GOCACHE" not in host.environment(tmp_path / "cache")
    monkeypatch.setenv("HOME", str(CHECKOUT / "Makefile"))
    monkeypatch.setenv("GOMODCACHE", "/chosen")
    values = host.environment(tmp_path / "cache")
    assert values["GOCACHE"] == str(tmp_path / "cache" / "go-build")
    assert values["GOMODCACHE"] == "/chosen"
