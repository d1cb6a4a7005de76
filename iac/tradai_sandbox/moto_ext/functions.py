"""Runs a function's own code for an event, each invocation as a process of its own.

Only the sandbox's endpoint uses it, for the code that was uploaded to it. Must never let a function end, or hold,
more than the request or the event that called it: what it does wrong is its answer, as in Lambda.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

_ANSWER: Final = "answer.json"
_BOOTSTRAP: Final = """
import importlib, json, os, sys, time, traceback
sys.path.insert(0, os.getcwd())
ends = time.monotonic() + float(os.environ.pop("_SECONDS"))
class Context:
    function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
    aws_request_id = os.environ.pop("_REQUEST")
    def get_remaining_time_in_millis(self):
        return max(0, int((ends - time.monotonic()) * 1000))
module, _, name = os.environ["_HANDLER"].rpartition(".")
try:
    said = getattr(importlib.import_module(module), name)(json.load(sys.stdin), Context())
    answer = {"failed": False, "payload": json.dumps(said)}
except Exception as error:
    traceback.print_exc()
    payload = {"errorMessage": str(error), "errorType": type(error).__name__}
    answer = {"failed": True, "payload": json.dumps(payload)}
with open(os.environ["_ANSWER"], "w") as file:
    json.dump(answer, file)
"""
#: What a process needs of ours to find its interpreter's libraries; nothing else is handed on.
_INHERITED: Final = ("PATH", "LANG", "SSL_CERT_FILE")


@dataclass(frozen=True)
class Answer:
    """What an invocation came to: JSON text, whether it is an error's, and what was written to the log."""

    payload: str
    failed: bool
    log: str = ""


def start(function: Any, event: Any) -> threading.Thread:
    """Run moto's `function` for the event on a thread of its own; it logs to the endpoint's standard error."""
    thread = threading.Thread(target=call, args=(function, event), name=function.function_name, daemon=True)
    thread.start()
    return thread


def call(function: Any, event: Any) -> Answer:
    """Run moto's `function` for the event and wait for what it answers."""
    answer = _run(function, event) if hasattr(function, "code_bytes") else _without_code(function)
    for line in answer.log.splitlines():
        print(f"[{function.function_name}] {line}", file=sys.stderr, flush=True)
    return answer


def variables(function: Any) -> dict[str, str]:
    """The environment that the function sees: Lambda's variables, its own, and where AWS is."""
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "_HANDLER": function.handler,
        **function.environment_vars,
    }


def _without_code(function: Any) -> Answer:
    """An image's code is in no place where a process could take it from: what Lambda says of an unfit image."""
    image = function.code.get("ImageUri", "")
    return _error("Runtime.InvalidEntrypoint", f"the local endpoint cannot run the image {image}")


def _run(function: Any, event: Any) -> Answer:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as outside:
        told = Path(outside, _ANSWER)
        try:
            with zipfile.ZipFile(BytesIO(function.code_bytes)) as code:
                code.extractall(folder)
            done = _process(function, event, folder, told)
        except zipfile.BadZipFile as error:
            return _error("Runtime.ImportModuleError", f"the code cannot be opened: {error}")
        except subprocess.TimeoutExpired:
            return _error("Sandbox.Timedout", f"Task timed out after {int(function.timeout)}.00 seconds")
        log = f"{done.stdout}{done.stderr}".rstrip()
        if not told.exists():
            said = _error("Runtime.ExitError", f"Runtime exited with error: exit status {done.returncode}")
            return Answer(said.payload, said.failed, log or said.log)
        answer = json.loads(told.read_text())
    return Answer(answer["payload"], answer["failed"], log)


def _process(function: Any, event: Any, folder: str, told: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _BOOTSTRAP],
        input=json.dumps(event, default=str),
        env={
            **variables(function),
            "_ANSWER": str(told),
            "_SECONDS": str(function.timeout),
            "_REQUEST": str(uuid4()),
        },
        cwd=folder,
        timeout=int(function.timeout),
        capture_output=True,
        text=True,
        check=False,
    )


def _error(kind: str, text: str) -> Answer:
    message = f"RequestId: {uuid4()} Error: {text}"
    return Answer(json.dumps({"errorType": kind, "errorMessage": message}), failed=True, log=message)
