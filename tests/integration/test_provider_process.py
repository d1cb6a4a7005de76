"""The plugin as a process: it ends with its engine however that goes, and with a signal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import grpc
import psutil
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2_grpc

from tests.integration.provider_server import ROOT

Start = Callable[[str], tuple[psutil.Process, psutil.Process, int]]
PLUGIN = ROOT / "iac" / "tradai_sandbox" / "bin" / "pulumi-resource-aws"

#: Starts the plugin as an engine does, tells its pid and port, and stays until it is killed.
ENGINE = """
import subprocess, sys
stdin = {"pipe": subprocess.PIPE, "none": subprocess.DEVNULL}[sys.argv[1]]
plugin = subprocess.Popen([sys.argv[2], "127.0.0.1:1"], stdin=stdin, stdout=subprocess.PIPE, start_new_session=True)
print(plugin.pid, plugin.stdout.readline().decode().strip(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts an engine with its plugin: (engine, plugin, port)."""
    engines: list[subprocess.Popen[str]] = []
    plugins: list[psutil.Process] = []

    def make(stdin: str) -> tuple[psutil.Process, psutil.Process, int]:
        engine = subprocess.Popen(
            [sys.executable, "-c", ENGINE, stdin, str(PLUGIN)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TRADAI_PYTHON": sys.executable},
        )
        engines.append(engine)
        assert engine.stdout
        pid, port = engine.stdout.readline().split()
        plugins.append(psutil.Process(int(pid)))
        return psutil.Process(engine.pid), plugins[-1], int(port)

    yield make
    for plugin in plugins:
        if plugin.is_running():
            plugin.kill()
    for engine in engines:
        engine.kill()
        engine.communicate()


def gone(process: psutil.Process, patience: float = 20.0) -> bool:
    deadline = time.monotonic() + patience
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("stdin", ["pipe", "none"])
def test_the_plugin_goes_with_an_engine_that_is_killed(start: Start, stdin: str) -> None:
    engine, plugin, port = start(stdin)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(Empty())
    assert info.version
    engine.kill()
    assert gone(plugin)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_plugin(start: Start, number: signal.Signals) -> None:
    _, plugin, _ = start("pipe")
    plugin.send_signal(number)
    assert gone(plugin)
