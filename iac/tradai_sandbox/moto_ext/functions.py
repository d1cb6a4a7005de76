"""Runs a function's own code for an event, as Lambda does for an asynchronous invocation.

Only the sandbox's endpoint uses it, for the code that was uploaded to it. Must never block a request: a function
calls the same server back.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from io import BytesIO
from typing import Any, Final

_BOOTSTRAP: Final = """
import importlib, json, os, sys
sys.path.insert(0, os.getcwd())
module, _, name = os.environ["_HANDLER"].rpartition(".")
print(json.dumps(getattr(importlib.import_module(module), name)(json.load(sys.stdin), None)))
"""
#: What a process needs of ours to find its interpreter's libraries; nothing else is handed on.
_INHERITED: Final = ("PATH", "LANG", "SSL_CERT_FILE")


def start(function: Any, event: dict[str, Any]) -> threading.Thread:
    """Run moto's `function` for the event on a thread of its own; it logs to the endpoint's standard error."""
    thread = threading.Thread(target=_run, args=(function, event), name=function.function_name, daemon=True)
    thread.start()
    return thread


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
        "_HANDLER": function.handler,
        **function.environment_vars,
    }


def _run(function: Any, event: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(BytesIO(function.code_bytes)) as code:
            code.extractall(folder)
        try:
            done = subprocess.run(
                [sys.executable, "-c", _BOOTSTRAP],
                input=json.dumps(event, default=str),
                env=variables(function),
                cwd=folder,
                timeout=int(function.timeout),
                capture_output=True,
                text=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            _log(function, f"Task timed out after {function.timeout} seconds")
            return
    _log(function, f"{done.stdout}{done.stderr}".rstrip() or f"exit {done.returncode}")


def _log(function: Any, text: str) -> None:
    for line in text.splitlines():
        print(f"[{function.function_name}] {line}", file=sys.stderr, flush=True)
