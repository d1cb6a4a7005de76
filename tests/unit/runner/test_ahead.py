"""A runner that is started ahead of its run: it waits, becomes the run's, or ends where none comes."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from tradai_runner.ahead import AHEAD, Given, wait

WAITING = (sys.executable, "-m", "tradai_runner", AHEAD, "tradai", "persistent")
BECOMES = """
import os, sys, tempfile
from tradai_runner.ahead import wait
tempfile.gettempdir()
directory = wait("tradai", "edge", sys.stdin.buffer).enter()
print(directory, tempfile.gettempdir(), os.environ["TRACEPARENT"], repr(sys.stdin.read()), flush=True)
os.write(2, b"and what it complains of")
"""


@pytest.mark.parametrize("words", [b"", b'{"directory": "/half'], ids=["nobody is there any more", "died in mid-word"])
def test_one_that_is_given_no_run_ends_well_and_silently(words: bytes) -> None:
    ended = subprocess.run(WAITING, input=words, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_one_that_is_given_a_run_is_as_if_it_had_been_started_for_it(tmp_path: Path) -> None:
    output = tmp_path / "process.out"
    output.write_text("")
    given = Given(str(tmp_path / "run"), str(output), {"TMPDIR": str(tmp_path), "TRACEPARENT": "00-a-b-01"})
    words = io.BytesIO()
    words.close = lambda: None  # type: ignore[method-assign]
    given.say(words)
    ended = subprocess.run([sys.executable, "-c", BECOMES], input=words.getvalue(), capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert output.read_text() == f"{tmp_path / 'run'} {tmp_path} 00-a-b-01 ''\nand what it complains of"


@pytest.mark.parametrize("named", [("no-such-blueprint", "x"), ("tradai", "no-such-layer"), ("tradai", "edge")])
def test_what_cannot_be_loaded_ahead_is_left_to_the_run(named: tuple[str, str], tmp_path: Path) -> None:
    given = wait(*named, io.BytesIO(b'{"directory": "d", "output": "o", "variables": {}}\n'))
    assert given == Given("d", "o", {})
