"""`python -m tradai_sandbox.aws --port PORT --latency 80ms`: run the local AWS endpoint until told to end.

Must never listen anywhere but on loopback.
"""

import argparse
import os
import signal
import tempfile
from pathlib import Path
from types import FrameType

from tradai_sandbox.aws import OBJECTS
from tradai_sandbox.workloads import WORKLOADS

HOST = "127.0.0.1"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tradai_sandbox.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 takes a free one")
    parser.add_argument("--latency", default="0ms", help="wait this long before each call, such as 80ms")
    parser.add_argument("--moto-api", action="store_true", help="answer moto's own calls, which can forget everything")
    return parser.parse_args()


class _AskedToEnd(SystemExit):
    """Somebody wants it to end."""


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise _AskedToEnd(0)


def main() -> None:
    """Serve until SIGTERM; the first line on standard output is the endpoint's URL."""
    arguments = _arguments()
    # moto reads its settings while it is being imported.
    os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
    os.environ["MOTO_PORT"] = str(arguments.port)
    from tradai_sandbox.aws.again import Again
    from tradai_sandbox.aws.application import application
    from tradai_sandbox.aws.atomic import Atomic
    from tradai_sandbox.aws.bodies import keep_bodies
    from tradai_sandbox.aws.calls import Counted
    from tradai_sandbox.aws.closed import Closed
    from tradai_sandbox.aws.enforced.callers import MotoCallers
    from tradai_sandbox.aws.enforced.door import Enforced
    from tradai_sandbox.aws.enforced.resources import MotoResources
    from tradai_sandbox.aws.http import serve
    from tradai_sandbox.aws.latency import Delayed, seconds
    from tradai_sandbox.moto_ext.gaps.events import hand
    from tradai_sandbox.workloads.asked import Asked
    from tradai_sandbox.workloads.running import close, keep_in
    from tradai_sandbox.workloads.schedules import Schedules

    whole = application()
    answered = whole if arguments.moto_api else Closed(whole)
    answering = Enforced(Atomic(Again(answered)), MotoCallers(), MotoResources())
    app = Asked(Delayed(answering, seconds(arguments.latency)), Schedules(hand).changed)
    server = serve(HOST, arguments.port, Counted(app))
    os.environ["MOTO_PORT"] = str(server.server_port)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    with tempfile.TemporaryDirectory(prefix="tradai-objects-", ignore_cleanup_errors=True) as own:
        keep_bodies(Path(os.environ.get(OBJECTS, own)))
        keep_in(Path(os.environ.get(WORKLOADS, Path(own, "workloads"))))
        print(f"http://{HOST}:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        finally:
            close()


if __name__ == "__main__":
    try:
        main()
    except _AskedToEnd:
        # everything is closed; Python would take seconds to let go of a whole AWS, object by object
        os._exit(0)
