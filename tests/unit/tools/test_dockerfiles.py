"""The reader of Dockerfiles: what it reads is what an engine would, and what it does not know it refuses."""

import subprocess
from pathlib import Path

import pytest

from tradai_iac.images.dockerfile import DockerfileError, expanded, ignored, pairs, read

ROOT = Path(__file__).parents[3]
FILES = sorted(path for path in (ROOT / "operator").glob("*ockerfile") if path.is_file())
TEXT = """# a comment
ARG DIGEST
ARG TAG=1

FROM example.com/base:${TAG}@${DIGEST} AS first
RUN one \\
  # between
 && two \\
 && three
FROM first
COPY --from=first --chown=1:2 /a /b /c/
CMD ["run", "it"]
"""


def test_stages_arguments_flags_and_long_lines() -> None:
    found = read(TEXT)
    assert found.required() == {"DIGEST"}
    first, second = found.stages
    assert (first.name, first.base) == ("first", "example.com/base:${TAG}@${DIGEST}")
    assert [" ".join(each.rest.split()) for each in first.instructions] == ["one && two && three"]
    assert (second.name, second.base) == ("1", "first")
    copy, command = second.instructions
    assert (copy.flags, copy.rest, copy.listed) == ({"from": "first", "chown": "1:2"}, "/a /b /c/", None)
    assert command.listed == ["run", "it"]
    assert found.stage("1") is second


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FROM a\nONBUILD RUN x", "line 2: ONBUILD is not understood"),
        ("FROM a\nRUN --mount=type=cache,target=/x make", "line 2: RUN has a flag"),
        ("FROM a\nCOPY --link a b", "line 2: COPY has a flag"),
        ("FROM a\nRUN <<EOF\nx\nEOF", "line 2: RUN has a flag or a here-document"),
        ("RUN x\nFROM a", "line 1: RUN stands before the first FROM"),
        ("FROM a\nRUN x \\", "line 2: it never ends"),
    ],
)
def test_what_it_does_not_know_it_refuses(text: str, why: str) -> None:
    with pytest.raises(DockerfileError, match=why):
        read(text)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("$A/${A}", "1/1"),
        ("${B:-2}", "2"),
        ("${A:-2}", "1"),
        ("${A:+2}${B:+2}", "2"),
        (r"\$A", "$A"),
    ],
)
def test_variables_are_filled_in(text: str, whole: str) -> None:
    assert expanded(text, {"A": "1"}) == whole


def test_a_variable_that_nothing_sets_is_an_error() -> None:
    with pytest.raises(DockerfileError, match="nothing sets B"):
        expanded("$A$B", {"A": "1"})


def test_pairs_keep_what_is_quoted() -> None:
    assert pairs('A=1 B="2 3"') == [("A", "1"), ("B", "2 3")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_of_ours_is_read_and_stands_on_bases_named_by_digest(path: Path) -> None:
    found = read(path.read_text())
    names = {stage.name for stage in found.stages}
    bases = {stage.base for stage in found.stages} - names - {"scratch"}
    assert bases
    assert {base for base in bases if "@${" not in base} == set()
    assert {name for name in found.required() if not name.endswith(("DIGEST", "SHA256"))} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_hadolint_has_nothing_to_say_of_ours(path: Path) -> None:
    ended = subprocess.run(["hadolint", path], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", "", 0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_reaches_an_engine_is_what_ours_copies_and_nothing_else(path: Path) -> None:
    copied = {
        source
        for stage in read(path.read_text()).stages
        for each in stage.instructions
        if each.word == "COPY" and "from" not in each.flags
        for source in each.rest.split()[:-1]
    }
    first, *taken, last = ignored(path.with_name(f"{path.name}.dockerignore").read_text())
    assert (first, last) == ("*", "**/__pycache__")
    assert sorted(taken) == sorted(f"!{source}" for source in copied)
