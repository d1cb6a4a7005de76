"""Runs a function from an archive against the Runtime API, for those without a runtime of their own in their packages.

Must never import anything but the standard library and the function's own code.
"""

import http.client
import importlib
import json
import os
import sys
import time
import traceback
from typing import Any

_PREFIX = "/2018-06-01/runtime/"


class Context:
    """What Lambda says of one invocation."""

    def __init__(self, headers: Any) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self) -> int:
        """Until the invocation is ended."""
        return max(0, self._deadline_ms - int(time.time() * 1000))


def _say(server: http.client.HTTPConnection, path: str, what: Any) -> None:
    server.request("POST", _PREFIX + path, json.dumps(what))
    server.getresponse().read()


def _error(kind: str, error: BaseException) -> dict[str, Any]:
    traceback.print_exc()
    return {"errorMessage": str(error), "errorType": kind, "stackTrace": traceback.format_tb(error.__traceback__)}


def _handler(server: http.client.HTTPConnection, path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        unable = ImportError(f"Unable to import module '{module}': {error}").with_traceback(error.__traceback__)
        _say(server, "init/error", _error("Runtime.ImportModuleError", unable))
    except AttributeError as error:
        _say(server, "init/error", _error("Runtime.HandlerNotFound", error))
    except Exception as error:
        _say(server, "init/error", _error(type(error).__name__, error))
    sys.exit(1)


def main() -> None:
    """One event after the other, until the process is ended."""
    server = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    handler = _handler(server, os.environ["_HANDLER"])
    while True:
        server.request("GET", f"{_PREFIX}invocation/next")
        given = server.getresponse()
        context = Context(given.headers)
        os.environ["_X_AMZN_TRACE_ID"] = given.headers["Lambda-Runtime-Trace-Id"]
        try:
            answer = "response", handler(json.loads(given.read()), context)
            json.dumps(answer)
        except Exception as error:
            answer = "error", _error(type(error).__name__, error)
        _say(server, f"invocation/{context.aws_request_id}/{answer[0]}", answer[1])


if __name__ == "__main__":
    main()
