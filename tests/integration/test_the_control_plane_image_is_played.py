"""The image of the control plane on ECS, played from its Dockerfile as that of the operator is."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from packaging.markers import Marker

from tests.standins.dockerplay import Brought, Image, Play
from tests.standins.dockerrun import Pod, said
from tools.images.__main__ import ROOT
from tools.provision import host
from tradai_iac.images.dockerfile import expanded, ignored, pairs, read

TEXT: Final = (ROOT / "operator" / "control-plane.Dockerfile").read_text()
FILE: Final = read(TEXT)
IGNORED: Final = ignored((ROOT / "operator" / "control-plane.Dockerfile.dockerignore").read_text())
VOLUMES: Final = ("/control-plane", "/work")

pytestmark = pytest.mark.timeout(1500)


def brought(folder: Path) -> Brought:
    """This machine's binaries and a bundle of its own, under the addresses that ADD takes them from."""
    versions = dict(pairs(" ".join(re.findall(r"^ARG (\w+_VERSION=\S+)$", TEXT, re.MULTILINE))))
    handed, arguments = dict[str, Path](), {"PYTHON_DIGEST": f"sha256:{'0' * 64}"}
    for row in (each for stage in FILE.stages for each in stage.instructions if each.word == "ADD"):
        address, target = expanded(row.rest, versions).split()
        found = shutil.which(Path(target).name)
        path = Path(found).resolve() if found else folder / Path(target).name
        if not found:
            assert path.suffix == ".pem", f"{path.name} is not on PATH"
            path.write_text("authorities\n")
        handed[address] = path
        arguments[row.flags["checksum"].removeprefix("sha256:").strip("${}")] = digest(path)
    return Brought(arguments, handed)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    assert os.geteuid() == 0, "playing a Dockerfile takes root, for mounts"
    room, caches = tmp_path_factory.mktemp("image"), pytest.MonkeyPatch()
    for name, value in host.environment(host.cache_directory()).items():
        caches.setenv(name, value)
    yield Play(FILE, brought(tmp_path_factory.mktemp("handed")), room, IGNORED).image("control-plane")
    caches.undo()
    shutil.rmtree(room)


def test_it_runs_as_nobody_and_writes_nowhere_but_into_its_volumes(image: Image, tmp_path: Path) -> None:
    script = "id -u; pwd; touch /x /etc/tradai/x; touch /work/y /control-plane/y && cat /etc/tradai/rds.pem"
    status, printed = said(image, Pod(command=["sh", "-c", script], volumes=VOLUMES), tmp_path)
    lines = printed.splitlines()
    assert (status, lines[0], lines[1], lines[-1]) == (0, "65532", "/", "authorities")
    assert printed.count("Read-only file system") == 2


@pytest.mark.parametrize("binary", ["kube-apiserver", "kube-controller-manager", "kine"])
def test_each_server_starts_and_tells_its_version(image: Image, binary: str, tmp_path: Path) -> None:
    status, printed = said(image, Pod(command=[binary, "--version"], volumes=VOLUMES), tmp_path)
    assert status == 0, printed
    assert re.search(r"v?\d+\.\d+|dev", printed)


def test_what_it_starts_by_itself_is_the_init_step_which_asks_for_a_word(image: Image, tmp_path: Path) -> None:
    status, printed = said(image, Pod(volumes=VOLUMES), tmp_path)
    assert (status, "Traceback" in printed) == (2, False), printed


def test_it_has_the_manifests_that_the_init_step_applies(image: Image, tmp_path: Path) -> None:
    script = "cd /etc/tradai/manifests && sha256sum *"
    status, printed = said(image, Pod(command=["sh", "-c", script], volumes=VOLUMES), tmp_path)
    inside = {name: found for found, name in (line.split() for line in printed.splitlines())}
    rights = [ROOT / "operator" / "tradai_operator" / name for name in ("rbac.yaml", "rbac-definition.yaml")]
    paths = [ROOT / "crds" / "tradai.io_admission.yaml", *rights]
    assert (status, inside) == (0, {path.name: digest(path) for path in paths})


def test_its_parts_list_has_what_its_lock_says_its_servers_and_nothing_that_was_left_behind(
    image: Image, tmp_path: Path
) -> None:
    pod = Pod(command=["cat", "/usr/share/sbom/tradai.cdx.json"], volumes=VOLUMES)
    status, printed = said(image, pod, tmp_path)
    assert status == 0, printed
    listed = json.loads(printed)["components"]
    python = {part["name"]: part["version"] for part in listed if part["purl"].startswith("pkg:pypi/")}
    lock = (ROOT / "requirements-control-plane.lock").read_text()
    rows = re.findall(r"^([\w.-]+)==(\S+?)(?: ; (.+?))? \\$", lock, re.MULTILINE)
    assert python == {name: found for name, found, marker in rows if not marker or Marker(marker).evaluate()}
    servers = {part["name"]: part["hashes"][0]["content"] for part in listed if part["type"] == "application"}
    assert servers.keys() == {"kube-apiserver", "kube-controller-manager", "kine"}
    assert all(digest(Path(shutil.which(name) or "")) == found for name, found in servers.items())


def test_nothing_of_the_checkout_is_in_it_but_the_init_step_and_the_manifests(image: Image, tmp_path: Path) -> None:
    folder = "/opt/tradai/lib/python3.11/site-packages/tradai_control_plane"
    script = f"ls /locks /app /binaries; find {folder} -type f -not -path '*/__pycache__/*'"
    _, printed = said(image, Pod(command=["sh", "-c", script], volumes=VOLUMES), tmp_path)
    tracked = subprocess.run(
        ["git", "ls-files", "operator/tradai_control_plane"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    inside = {Path(line).name for line in printed.splitlines() if line.startswith(folder)}
    assert inside == {Path(line).name for line in tracked.stdout.split()}
    assert printed.count("No such file or directory") == 3
