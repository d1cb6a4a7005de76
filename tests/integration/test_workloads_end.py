"""Whatever ends the endpoint ends what it runs."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psutil

from tests.integration.lambda_estate import Functions, until

_CODE: Final = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
def handle(event, context):
    return [os.getpid(), child.pid]
"""
_ALONE: Final = "import os\ndef handle(event, context):\n    return [os.getpid()]"


@contextmanager
def endpoint() -> Iterator[tuple[Any, Functions]]:
    command = [sys.executable, "-m", "tradai_sandbox.aws", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        yield process, Functions(process.stdout.readline().strip())
        process.kill()


def test_a_function_and_what_it_started_end_with_the_endpoint() -> None:
    with endpoint() as (process, functions):
        functions.from_code("parent", _CODE, Timeout=30)
        _, _, pids = functions.invoke("parent")
        assert all(psutil.pid_exists(pid) for pid in pids)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        until(lambda: not any(psutil.pid_exists(pid) for pid in pids))


def test_a_function_ends_with_an_endpoint_that_is_killed() -> None:
    with endpoint() as (process, functions):
        functions.from_code("alone", _ALONE, Timeout=30)
        _, _, (pid,) = functions.invoke("alone")
        assert psutil.pid_exists(pid)
        process.kill()
        process.wait(timeout=60)
        until(lambda: not psutil.pid_exists(pid))
