"""What an image is made from, as far as its Dockerfile says it: files, words, variables, one digest."""

from pathlib import Path
from typing import Final

import pytest

from tradai_iac.images.dockerfile import DockerfileError
from tradai_iac.images.sources import Source, source_of

ROOT: Final = Path(__file__).parents[3]
_DOCKERFILE: Final = """
ARG BASE=public.ecr.aws/lambda/python:3.11
FROM ${BASE}
COPY lambdas/update_status/requirements.lock /tmp/requirements.lock
RUN pip install --requirement /tmp/requirements.lock
COPY lambdas/shared ${LAMBDA_TASK_ROOT}/shared
CMD ["update_status.handler.handle"]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    write(tmp_path, "lambdas/update_status/Dockerfile", _DOCKERFILE)
    write(tmp_path, "lambdas/update_status/requirements.lock", "pydantic==2")
    write(tmp_path, "lambdas/shared/clock.py", "one")
    write(tmp_path, "lambdas/world.lock", "")
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    into = root / path
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text(text)


def source(checkout: Path, folder: str = "lambdas/update_status") -> Source:
    found = source_of(checkout / folder, checkout)
    assert found
    return found


def test_it_has_the_files_that_are_copied_and_the_words_that_start_it(checkout: Path) -> None:
    found = source(checkout)
    assert {place: path.relative_to(checkout).as_posix() for place, path in found.files.items()} == {
        "/tmp/requirements.lock": "lambdas/update_status/requirements.lock",
        "/var/task/shared/clock.py": "lambdas/shared/clock.py",
    }
    assert (found.entry_point, found.command) == ((), ("update_status.handler.handle",))
    assert found.world == checkout / "lambdas"


@pytest.mark.parametrize("path", ["shared/clock.py", "update_status/requirements.lock", "shared/more.py"])
def test_what_is_copied_makes_another_image(checkout: Path, path: str) -> None:
    before = source(checkout).digest
    assert source(checkout).digest == before
    write(checkout, f"lambdas/{path}", "other")
    assert source(checkout).digest != before


def test_what_is_not_copied_does_not(checkout: Path) -> None:
    before = source(checkout).digest
    write(checkout, "lambdas/shared/__pycache__/clock.pyc", "cache")
    write(checkout, "lambdas/other/handler.py", "other")
    assert source(checkout).digest == before


def test_another_dockerfile_is_another_image(checkout: Path) -> None:
    before = source(checkout).digest
    write(checkout, "lambdas/update_status/Dockerfile", _DOCKERFILE.replace("RUN pip", "RUN  pip"))
    assert source(checkout).digest != before


def test_the_last_stage_stands_on_those_before_it(checkout: Path) -> None:
    text = (
        "FROM a AS build\nWORKDIR /src\nCOPY lambdas/other /x\nFROM a AS base\nENV A=1\nWORKDIR /app\n"
        "FROM base\nENV B=${A}2\nCOPY --from=build /src /src\nCOPY lambdas/shared/*.py ./\n"
        'ENTRYPOINT ["python", "-m"]\nCMD ["it"]\n'
    )
    write(checkout, "services/it/Dockerfile", text)
    found = source(checkout, "services/it")
    assert dict(found.variables) == {"A": "1", "B": "12"}
    assert (found.folder, found.entry_point, found.command) == ("/app", ("python", "-m"), ("it",))
    assert list(found.files) == ["/app/clock.py"]
    assert found.world == checkout / "services" / "it", "its packages are its own"


def test_without_a_dockerfile_there_is_none(checkout: Path) -> None:
    assert source_of(checkout / "lambdas" / "shared", checkout) is None


def test_a_file_that_is_not_there_is_named(checkout: Path) -> None:
    write(checkout, "lambdas/update_status/Dockerfile", "FROM a\nCOPY lambdas/gone /x\n")
    with pytest.raises(DockerfileError, match="line 2: there is no lambdas/gone in"):
        source(checkout)


def test_ours_are_understood() -> None:
    every = sorted((ROOT / "lambdas").glob("*/Dockerfile"))
    assert every
    for dockerfile in every:
        found = source(ROOT, str(dockerfile.parent.relative_to(ROOT)))
        (handler,) = found.command
        module = handler.rpartition(".")[0].replace(".", "/")
        assert f"/var/task/{module}.py" in found.files
        assert found.world == ROOT / "lambdas"
