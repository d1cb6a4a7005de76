"""The image of operator and runs, played from its Dockerfile: what it installs, who it runs as, what it starts.

What would be downloaded is handed over under its address: this machine's engine, and a stand-in for the provider. The
base image is this machine with its Python, so that what Debian's image has or lacks is not shown.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psutil
import pytest
import yaml
from packaging.markers import Marker

from tests.standins.dockerplay import Brought, Image, Play
from tests.standins.dockerrun import Pod, begin, said
from tools.images.__main__ import DOCKERFILE, ROOT
from tools.provision import host
from tradai_iac.images.dockerfile import DockerfileError, expanded, ignored, read
from tradai_runner.remote.command import COMMAND

FILE: Final = read(DOCKERFILE.read_text())
IGNORED: Final = ignored(DOCKERFILE.with_name("Dockerfile.dockerignore").read_text())
TREES: Final = (
    *("iac/tradai_iac", "iac/tradai_runner", "iac/tradai_blueprints"),
    *("lambdas/update_nat_routes", "operator/tradai_operator"),
)
VOLUME: Final = ("/work",)
#: Nobody answers there.
NOWHERE: Final = "http://127.0.0.1:9"
#: The provider is a program of its own, which cannot be had here.
PROVIDER: Final = "#!/bin/sh\necho 'stands in for the provider' >&2\nexit 1\n"

pytestmark = pytest.mark.timeout(1500)


def archive(folder: Path, member: str, content: Path) -> Path:
    """What a publisher's archive has of it."""
    path = folder / f"{content.name}.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as opened:
        opened.add(content, member)
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def version(argument: str) -> str:
    [found] = re.findall(rf"^ARG {argument}=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Brought:
    """Everything that is asked for; archives under the addresses that the Dockerfile takes them from."""
    assert os.geteuid() == 0, "playing a Dockerfile takes root, for mounts; `just images-build` builds it for real"
    folder = tmp_path_factory.mktemp("handed")
    engine, provider = shutil.which("pulumi"), folder / "pulumi-resource-aws"
    assert engine
    provider.write_text(PROVIDER)
    provider.chmod(0o755)
    archives = {
        "PULUMI": archive(folder, "pulumi/pulumi", Path(engine).resolve()),
        "PULUMI_AWS": archive(folder, "pulumi-resource-aws", provider),
    }
    versions = {f"{name}_VERSION": version(f"{name}_VERSION") for name in archives}
    added = [each for each in FILE.stage("engine").instructions if each.word == "ADD"]
    addresses = [expanded(each.rest.split()[0], versions) for each in added]
    arguments = {f"{name}_SHA256": digest(path) for name, path in archives.items()}
    arguments["PYTHON_DIGEST"] = f"sha256:{'0' * 64}"
    return Brought(arguments, dict(zip(addresses, archives.values(), strict=True)))


@pytest.fixture(scope="module")
def play(brought: Brought, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """What is built is gone afterwards: it takes most of a gigabyte."""
    room = tmp_path_factory.mktemp("image")
    caches = pytest.MonkeyPatch()
    for name, value in host.environment(host.cache_directory()).items():
        caches.setenv(name, value)
    yield Play(FILE, brought, room, IGNORED)
    caches.undo()
    shutil.rmtree(room)


@pytest.fixture(scope="module")
def operator(play: Play) -> Image:
    return play.image("operator")


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return tmp_path / "pod"


def output(image: Image, room: Path, *command: str) -> str:
    """What a command in the image prints; it has to end well."""
    status, printed = said(image, Pod(command=command, volumes=VOLUME), room, 600)
    assert status == 0, printed
    return printed


def test_what_is_not_what_its_publisher_made_is_refused(brought: Brought, tmp_path: Path) -> None:
    other = Brought({**brought.arguments, "PULUMI_SHA256": "0" * 64}, brought.handed)
    with pytest.raises(DockerfileError, match=rf"is sha256:{brought.arguments['PULUMI_SHA256']}, not sha256:0000"):
        Play(FILE, other, tmp_path).image("engine")


@pytest.mark.parametrize("lacking", ["PYTHON_DIGEST", "PULUMI_SHA256", "PULUMI_AWS_SHA256"])
def test_nothing_is_built_without_what_only_people_can_vouch_for(
    brought: Brought, lacking: str, tmp_path: Path
) -> None:
    less = {name: value for name, value in brought.arguments.items() if name != lacking}
    with pytest.raises(DockerfileError, match=f"the build argument {lacking} is required"):
        Play(FILE, Brought(less, brought.handed), tmp_path).image("engine")


def test_it_stands_on_a_base_that_is_named_by_its_digest(play: Play, operator: Image) -> None:
    assert set(play.bases) == {f"docker.io/library/python:3.11-slim-bookworm@sha256:{'0' * 64}"}


def test_it_runs_as_nobody_and_writes_nowhere_but_into_its_volume(operator: Image, room: Path) -> None:
    script = "id -u; id -g; id -un; pwd; touch /x /app/x /opt/tradai/x; touch y && ls; id -G"
    status, printed = said(operator, Pod(command=["sh", "-c", script], volumes=VOLUME), room)
    lines = printed.splitlines()
    assert lines[:4] == ["65532", "65532", "tradai", "/work"]
    assert printed.count("Read-only file system") == 3
    assert lines[-2:] == ["y", "65532"]
    assert status == 0


def test_it_reaches_no_network_and_sees_nothing_of_the_checkout(operator: Image, room: Path) -> None:
    printed = output(operator, room, "sh", "-c", f"test -e {ROOT}/README.md || cat /proc/net/dev")
    assert re.findall(r"^ *(\w+):", printed, re.MULTILINE) == ["lo"]


def test_engine_and_provider_are_where_the_engine_looks(operator: Image, room: Path) -> None:
    assert output(operator, room, "pulumi", "version").strip() == f"v{version('PULUMI_VERSION')}"
    status, printed = said(operator, Pod(command=["pulumi-resource-aws"], volumes=VOLUME), room)
    assert (status, printed) == (1, "stands in for the provider\n")


def test_every_file_of_the_trees_is_in_it_and_no_other(operator: Image, room: Path) -> None:
    printed = output(operator, room, "find", "/app", "-type", "f", "-not", "-path", "*/__pycache__/*")
    inside = {line.removeprefix("/app/") for line in printed.splitlines() if "egg-info" not in line}
    tracked = subprocess.run(["git", "ls-files", *TREES], cwd=ROOT, capture_output=True, text=True, check=True)
    assert inside == {*tracked.stdout.split(), "pyproject.toml"}


IMPORTS: Final = """
import importlib, pkgutil, sys
import tradai_blueprints, tradai_iac, tradai_operator, tradai_runner
skipped = {"tradai_iac.runner"}
for package in (tradai_blueprints, tradai_iac, tradai_operator, tradai_runner):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if found.name not in skipped and not found.name.endswith(".__main__"):
            importlib.import_module(found.name)
import tradai_operator.main
from importlib.metadata import version
from tradai_iac.blueprints import BLUEPRINTS
print(version("tradai-environments"), *sorted(BLUEPRINTS))
"""


def test_all_that_is_in_it_finds_what_it_imports(operator: Image, room: Path) -> None:
    """Nothing of the sandbox, of development or of this machine's own packages is needed."""
    printed = output(operator, room, "python", "-I", "-c", IMPORTS)
    version, *blueprints = printed.split()
    assert version == "0.1.0"
    assert {"sample", "tradai"} <= set(blueprints)


def test_its_parts_list_has_what_its_lock_says_and_nothing_that_was_left_behind(operator: Image, room: Path) -> None:
    listed = json.loads(output(operator, room, "cat", "/usr/share/sbom/tradai.cdx.json"))["components"]
    python = {part["name"]: part["version"] for part in listed if part["purl"].startswith("pkg:pypi/")}
    rows = re.findall(
        r"^([\w.-]+)==(\S+?)(?: ; (.+?))? \\$", (ROOT / "requirements-image.lock").read_text(), re.MULTILINE
    )
    wanted = {name: found for name, found, marker in rows if not marker or Marker(marker).evaluate()}
    assert python == wanted | {"tradai-environments": "0.1.0"}
    binaries = {part["name"] for part in listed if part["type"] == "application"}
    assert binaries == {"pulumi", "pulumi-resource-aws"}


def kubeconfig() -> str:
    cluster = {"server": NOWHERE}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "tradai-system"}}],
            "current-context": "x",
        }
    )


def test_what_it_starts_is_an_operator_that_waits_for_its_api_server(operator: Image, room: Path) -> None:
    pod = Pod(
        environment={"TRADAI_OPERATOR_NAMESPACE": "tradai-system", "KUBECONFIG": "/work/kubeconfig"},
        volumes=VOLUME,
        files={"/work/kubeconfig": kubeconfig()},
    )
    with begin(operator, pod, room) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert json.loads(line)["event"] == "waiting for the API server"
            assert process.poll() is None
            inside = psutil.Process(process.pid).children(recursive=True)
            assert any("tradai_operator" in each.cmdline() for each in inside)
        finally:
            process.kill()
    gone, left = psutil.wait_procs(inside, timeout=30)
    assert (len(gone), left) == (len(inside), []), "nothing outlives the pod"


def test_a_runs_command_in_its_place_is_a_runner_which_tells_that_its_bucket_is_out_of_reach(
    operator: Image, room: Path
) -> None:
    address = "s3://tradai-pulumi-state-dev?region=eu-central-1#sample-store/dev/20261130T000000-abcd"
    given = {
        "AWS_ENDPOINT_URL": NOWHERE,
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "TRADAI_SECRETS_DIR": "/work",
    }
    pod = Pod(environment=given, command=[*COMMAND, address], volumes=VOLUME)
    status, printed = said(operator, pod, room, 300)
    assert status == 2
    assert f'no run: Could not connect to the endpoint URL: "{NOWHERE}' in printed
    assert "the state bucket was not told" in printed


def request(**more: Any) -> str:
    """A run of a layer whose state is a folder in the volume."""
    asked = {
        "run_id": "20261130T000000-abcd",
        "blueprint": "sample",
        "layer": "store",
        "environment": "dev",
        "operation": "preview",
        "account_id": "123456789012",
        "region": "eu-central-1",
        "endpoint_url": NOWHERE,
        "backend_url": "file:///work/state",
        "passphrase_file": "/work/passphrase",
    }
    return json.dumps(asked | more)


def test_the_target_of_runs_runs_a_layers_program_in_the_engine(play: Play, room: Path) -> None:
    """As far as the provider, which stands in for the official one and refuses to begin."""
    runner = play.image("runner")
    files = {
        "/work/run/request.json": request(),
        "/work/passphrase": "a passphrase of its own",
        "/work/state/.keep": "",
    }
    script = 'python -m tradai_iac.runner /work/run; echo "ended with $?"; cat /work/run/result.json'
    pod = Pod(command=["sh", "-c", script], volumes=VOLUME, files=files, environment={"AWS_ACCESS_KEY_ID": "a"})
    _, printed = said(runner, pod, room, 600)
    assert "ended with 1" in printed, printed
    result = json.loads(printed[printed.index("{") :])
    assert result["outcome"] == "failed"
    assert "pulumi-resource-aws" in result["failure"]["error"], printed
    assert runner.command == (*COMMAND,)
