"""Builds run beside each other, and one that fails or is stopped leaves nothing behind."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tools.provision import binaries, children, golang, pins
from tools.provision.say import ProvisionError, run
from tools.provision.together import side_by_side

CHECKOUT = Path(__file__).parents[3]

#: A compiler that writes the programs it is asked for, and tells how often it was asked.
GO = """#!/bin/sh
case "$1" in
list) echo one; echo two ;;
build)
    echo asked >> "$ASKED"
    while [ "$1" != -o ]; do shift; done
    into=$2; shift 2
    for package in "$@"; do
        printf '#!/bin/sh\\necho v1.0.0\\n' > "$into/${package##*/}"; chmod +x "$into/${package##*/}"
    done
    echo "$package" ;;
esac
"""


def _binary(name: str, module: str) -> pins.Binary:
    return pins.Binary(name, "1.0.0", ("--version",), pins.Module(module, f"example.org/{module}/{name}", ""))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two modules, an environment, and a compiler of its own."""
    for folder in ("env/bin", "tools/one", "tools/two"):
        (tmp_path / folder).mkdir(parents=True)
    _compiler(tmp_path, GO)
    monkeypatch.setattr(golang, "ensure", lambda *_: tmp_path / "go")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    return tmp_path


def _compiler(checkout: Path, script: str) -> None:
    (checkout / "go").write_text(script)
    (checkout / "go").chmod(0o755)


def _files(cache: Path) -> set[str]:
    return {path.name for path in cache.rglob("*") if path.is_file()}


def test_the_binaries_of_one_module_are_built_by_one_command(checkout: Path) -> None:
    wanted = [_binary("a", "one"), _binary("b", "one"), _binary("c", "two")]
    binaries.ensure(checkout, checkout / "env", checkout / "cache", wanted)
    assert all(binaries.linked(checkout / "env", binary) for binary in wanted)
    assert (checkout / "asked").read_text().split() == ["asked", "asked"]
    assert _files(checkout / "cache") == {"a", "b", "c", ".lock"}


def test_what_the_cache_has_is_not_built_again(checkout: Path) -> None:
    for _ in range(2):
        binaries.ensure(checkout, checkout / "env", checkout / "cache", [_binary("a", "one")])
    assert (checkout / "asked").read_text().split() == ["asked"]


def test_what_cannot_be_built_says_why_and_leaves_nothing_half_built(checkout: Path) -> None:
    _compiler(checkout, "#!/bin/sh\necho no such module >&2\nexit 1\n")
    with pytest.raises(ProvisionError, match="no such module"):
        binaries.ensure(checkout, checkout / "env", checkout / "cache", [_binary("a", "one"), _binary("c", "two")])
    assert _files(checkout / "cache") == {".lock"}
    assert not any((checkout / "env" / "bin").iterdir())


def test_what_a_killed_build_left_is_removed_by_the_next(checkout: Path) -> None:
    half = checkout / "cache" / "jobs" / "go-one" / "room" / "made"
    half.mkdir(parents=True)
    (half / "a").write_text("half")
    binaries.ensure(checkout, checkout / "env", checkout / "cache", [_binary("a", "one")])
    assert _files(checkout / "cache") == {"a", ".lock"}
    assert binaries.tells(checkout / "env" / "bin" / "a", _binary("a", "one"))


def test_jobs_run_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=30)
    side_by_side([lambda: _meet(meeting), lambda: _meet(meeting)], at_once=2)
    assert not meeting.broken


def _meet(meeting: threading.Barrier) -> None:
    meeting.wait()


def test_no_more_run_at_once_than_asked() -> None:
    at_once: list[int] = []
    working = threading.Semaphore(2)

    def job() -> None:
        assert working.acquire(blocking=False)
        at_once.append(1)
        time.sleep(0.01)
        working.release()

    side_by_side([job] * 6, at_once=2)
    assert len(at_once) == 6


def test_the_first_failure_stops_the_others_and_is_what_is_told() -> None:
    begun = threading.Event()

    def endless() -> None:
        begun.set()
        run(["sleep", "1000"])

    def failing() -> None:
        begun.wait()
        raise ProvisionError("no disk left")

    with pytest.raises(ProvisionError, match="no disk left"):
        side_by_side([endless, failing], at_once=2)
    assert not children._live


def test_each_line_of_builds_that_run_together_is_whole_and_says_whose_it_is(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    binaries.ensure(checkout, checkout / "env", checkout / "cache", [_binary("a", "one"), _binary("c", "two")])
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(line.startswith(("· a 1.0.0: ", "· c 1.0.0: ")) for line in lines)


#: A bootstrap of one module, in a process of its own so that it can be stopped.
STOPPABLE = """
import signal, sys
from pathlib import Path
from tools import bootstrap
from tools.provision import binaries, golang, pins
root = Path(sys.argv[1])
golang.ensure = lambda *_: root / "go"
bootstrap._heed_signals()
row = pins.Binary("a", "1.0.0", ("--version",), pins.Module("one", "example.org/one/a", ""))
binaries.ensure(root, root / "env", root / "cache", [row])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_build_ends_its_compiler_and_leaves_nothing(checkout: Path, number: signal.Signals) -> None:
    """Started as a shell starts background jobs: with ctrl-C ignored."""
    slow = 'echo $$ > "$ASKED.new"; mv "$ASKED.new" "$ASKED"; exec sleep 1000'
    _compiler(checkout, f'#!/bin/sh\n[ "$1" = list ] && exit 0\n{slow}\n')
    command = ["sh", "-c", f"trap '' INT; exec {sys.executable} -c \"$0\" {checkout}", STOPPABLE]
    stopped = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while not (checkout / "asked").exists():
        assert stopped.poll() is None
        time.sleep(0.02)
    compiler = int((checkout / "asked").read_text())
    stopped.send_signal(number)
    try:
        assert stopped.wait(60) != 0
    finally:
        stopped.kill()
        stopped.wait()
    with pytest.raises(ProcessLookupError):
        os.kill(compiler, 0)
    assert _files(checkout / "cache") == {".lock"}


def test_a_bootstrap_that_waits_for_another_can_be_stopped(checkout: Path) -> None:
    home = checkout / "cache" / "jobs" / "go-one"
    home.mkdir(parents=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "-uc", STOPPABLE, str(checkout)]
        waiting = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert waiting.stdout
        assert b"another process is making it" in waiting.stdout.readline()
        waiting.terminate()
        try:
            assert waiting.wait(60) != 0
        finally:
            waiting.kill()
            waiting.communicate()
    assert not (checkout / "asked").exists()


def _interrupted(method: Callable[..., Any]) -> Callable[..., Any]:
    """Ctrl-C arrives right after `method` has done its work."""

    def interrupted(*args: Any, **kwargs: Any) -> None:
        method(*args, **kwargs)
        raise KeyboardInterrupt

    return interrupted


@pytest.mark.parametrize("begins", [(ThreadPoolExecutor, "submit"), (threading.Thread, "start")])
@pytest.mark.parametrize("works", ["a process", "a wait"])
def test_an_interruption_while_jobs_are_started_stops_those_that_were(
    begins: tuple[type, str], works: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        try:
            _endless(works)
        finally:
            ended.set()

    owner, method = begins
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(owner, method, _interrupted(getattr(owner, method)))
        side_by_side([job], at_once=1)
    assert ended.is_set() or not begun.is_set()
    assert not children._live


def _endless(works: str) -> None:
    if works == "a process":
        run(["sleep", "1000"])
    while not children.stopping.wait(0.2):
        pass
