"""The image of one function, played from its Dockerfile: its own packages are enough for its command.

data-collection-proxy is the one with the fewest packages. The base image is this machine with its Python.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.standins.dockerplay import Brought, Image, Play
from tests.standins.dockerrun import Pod, said
from tools.provision import host
from tradai_iac.images.dockerfile import read

DOCKERFILE: Final = Path(__file__).parents[2] / "lambdas" / "data_collection_proxy" / "Dockerfile"
TASK_ROOT: Final = "/var/task"
#: Begins as Lambda does, with nothing on the path but the task's folder.
BEGINS: Final = f"""
import sys, importlib
sys.path[:] = [{TASK_ROOT!r}, *(each for each in sys.path if each and "site-packages" not in each)]
module, _, name = sys.argv[1].rpartition(".")
found = importlib.import_module(module)
print(found.__file__, callable(getattr(found, name)))
"""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    assert os.geteuid() == 0, "playing a Dockerfile takes root, for mounts"
    room, caches = tmp_path_factory.mktemp("function"), pytest.MonkeyPatch()
    for name, value in host.environment(host.cache_directory()).items():
        caches.setenv(name, value)
    yield Play(read(DOCKERFILE.read_text()), Brought({}, {}, variables={"LAMBDA_TASK_ROOT": TASK_ROOT}), room)
    caches.undo()
    shutil.rmtree(room)


@pytest.fixture(scope="module")
def image(play: Play) -> Image:
    return play.image("0")


def test_it_stands_on_the_base_of_aws_where_nobody_says_another(play: Play, image: Image) -> None:
    assert play.bases == ["public.ecr.aws/lambda/python:3.11"]
    assert image.command == ("data_collection_proxy.handler.handle",)


def test_its_command_can_be_called_with_nothing_but_its_own_packages(image: Image, tmp_path: Path) -> None:
    status, printed = said(image, Pod(command=("python3", "-c", BEGINS, *image.command)), tmp_path / "pod", 300)
    assert status == 0, printed
    assert f"{TASK_ROOT}/data_collection_proxy/handler.py True" in printed
