"""Archives in the engine's wire form, opened to zip files."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tradai_sandbox.provider.archives import ARCHIVE, ASSET, zipped
from tradai_sandbox.provider.codec import SIGNATURE
from tradai_sandbox.provider.failures import ProviderError


def _archive(**assets: Any) -> dict[str, Any]:
    return {SIGNATURE: ARCHIVE, "hash": "h", "assets": assets}


def _text(text: str) -> dict[str, Any]:
    return {SIGNATURE: ASSET, "hash": "h", "text": text}


def _contents(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_texts_files_and_archives_within_archives_become_members(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("b")
    archive = _archive(**{"a.py": _text("a"), "b.py": {"path": str(tmp_path / "b.py")}, "more": _archive(c=_text("c"))})
    assert _contents(zipped(archive)) == {"a.py": "a", "b.py": "b", "more/c": "c"}


def test_a_folder_becomes_members_by_their_path_in_it(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "handler.py").write_text("x")
    assert _contents(zipped({SIGNATURE: ARCHIVE, "path": str(tmp_path)})) == {"package/handler.py": "x"}


def test_a_zip_file_is_taken_as_it_is(tmp_path: Path) -> None:
    made = zipped(_archive(a=_text("a")))
    (tmp_path / "made.zip").write_bytes(made)
    assert zipped({SIGNATURE: ARCHIVE, "path": str(tmp_path / "made.zip")}) == made


def test_the_same_contents_make_the_same_bytes_whatever_the_order() -> None:
    one, two = _text("1"), _text("2")
    assert zipped(_archive(a=one, b=two)) == zipped(_archive(b=two, a=one))


@pytest.mark.parametrize(
    "archive",
    [
        {SIGNATURE: ARCHIVE, "uri": "file.zip"},
        {SIGNATURE: ARCHIVE, "path": "nowhere"},
        {SIGNATURE: ARCHIVE, "assets": {"a": {SIGNATURE: ASSET, "uri": "file"}}},
    ],
    ids=["remote archive", "missing folder", "remote asset"],
)
def test_what_is_not_here_is_refused(archive: dict[str, Any]) -> None:
    with pytest.raises(ProviderError):
        zipped(archive)
