"""After a reboot a sandbox comes up again: its API server remembers, its AWS does not, and its environments know."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.environment import Deployed, condition, example
from tradai_runner.journal.local import is_alive
from tradai_runner.process.alive import process_start
from tradai_sandbox import lifecycle, processes
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import Layout
from tradai_sandbox.state import load
from tradai_sandbox.status import environment, status

PATIENCE = 500.0


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A sandbox with its operator, and the small environment Ready in it."""
    root = tmp_path_factory.mktemp("reboot")
    lifecycle.up(root, print, with_operator=True)
    try:
        sandbox = Deployed(Layout(root), environment(root))
        sandbox.apply(example("sample"))
        sandbox.ready("sample", PATIENCE)
        yield sandbox
    finally:
        lifecycle.down(root, print)
        assert processes.stragglers(str(root)) == []


@pytest.fixture
def bystander() -> Iterator["subprocess.Popen[bytes]"]:
    """A process of somebody else."""
    with subprocess.Popen(["sleep", "3600"]) as process:
        yield process
        process.kill()


def _kill_everything(sandbox: Deployed) -> None:
    """What a reboot does, to the runs and whatever else they started too; returns once all are dead."""
    marks = processes.stragglers(str(sandbox.layout.root))
    assert len(marks) >= 5
    for mark in marks:
        os.kill(mark.pid, signal.SIGKILL)
    assert processes.wait(lambda: not any(is_alive(mark) for mark in marks), 60)


def _rewrite(sandbox: Deployed, change: Callable[[dict[str, object], dict[str, int]], None]) -> None:
    """Change the state file; `change` sees the state and each process's mark."""
    state = json.loads(sandbox.layout.state.read_text())
    for record in state["processes"].values():
        change(state, record["mark"])
    sandbox.layout.state.write_text(json.dumps(state))


def _up(sandbox: Deployed, latency: str = "0ms") -> list[str]:
    said: list[str] = []
    lifecycle.up(sandbox.layout.root, said.append, latency=latency)
    return said


def _uid(sandbox: Deployed) -> str:
    found = sandbox.get("sample")
    assert found
    return str(found["metadata"]["uid"])


def _buckets(sandbox: Deployed) -> set[str]:
    return {bucket["Name"] for bucket in sandbox.clients("s3").list_buckets()["Buckets"]}


def test_everything_comes_up_again_and_the_environment_is_built_afresh(
    standing: Deployed, bystander: "subprocess.Popen[bytes]"
) -> None:
    """The pids belong to somebody else by now."""
    uid, buckets = _uid(standing), _buckets(standing)
    _kill_everything(standing)
    _rewrite(standing, lambda _state, mark: mark.update(pid=bystander.pid))
    said = _up(standing)
    assert any("every resource and the state buckets" in line for line in said)
    assert any("tradai/sample starts afresh" in line for line in said)
    standing.ready("sample", PATIENCE)
    assert _uid(standing) == uid
    assert _buckets(standing) == buckets
    assert {process.health for process in status(standing.layout.root)} == {"running"}
    assert environment(standing.layout.root) == standing.env
    assert bystander.poll() is None


def test_a_process_of_this_boot_is_not_taken_for_one_of_the_last(
    standing: Deployed, bystander: "subprocess.Popen[bytes]"
) -> None:
    """Pid and start time may both be somebody else's after a reboot: both count from there."""
    _kill_everything(standing)
    started = process_start(bystander.pid)

    def other_boot(state: dict[str, object], mark: dict[str, int]) -> None:
        state["boot"] = "another"
        mark.update(pid=bystander.pid, started=started or 0)

    _rewrite(standing, other_boot)
    _up(standing)
    standing.ready("sample", PATIENCE)
    assert bystander.poll() is None


def test_a_reboot_in_the_middle_of_a_build_ends_ready(standing: Deployed) -> None:
    _kill_everything(standing)
    _up(standing, latency="1s")
    standing.until("a run", lambda: any(layer.get("run") for layer in standing.status("sample").get("layers", [])))
    assert condition(standing.status("sample"), "Ready") != "True"
    _kill_everything(standing)
    _up(standing)
    standing.ready("sample", PATIENCE)


def test_what_cannot_come_up_again_says_how_to_begin_afresh(standing: Deployed) -> None:
    """A machine that lost its power may have lost what was not on the disk yet."""
    _kill_everything(standing)
    kept = standing.layout.etcd.with_name("kept")
    standing.layout.etcd.rename(kept)
    standing.layout.etcd.write_text("no folder any more")
    try:
        with pytest.raises(SandboxError, match=r"(?s)etcd ended at once.*`tradai sandbox down` forgets"):
            _up(standing)
    finally:
        standing.layout.etcd.unlink()
        kept.rename(standing.layout.etcd)
    assert load(standing.layout.state)
    _up(standing)
    standing.ready("sample", PATIENCE)


def test_an_environment_that_was_being_deleted_is_gone_afterwards(standing: Deployed) -> None:
    """The last test: nothing of it is left."""
    _up(standing, latency="1s")
    standing.kubectl("delete", "tradaienv", "sample", "-n", "tradai", "--wait=false")
    standing.until("its deletion to begin", lambda: standing.status("sample").get("phase") != "Ready")
    _kill_everything(standing)
    _up(standing)
    standing.gone("sample")
