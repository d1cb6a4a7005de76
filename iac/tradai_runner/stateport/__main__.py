"""`python -m tradai_runner.stateport`: one port, as its run describes it in the first line of its input.

It says where it listens in its first line of output. Each line more of its input is one of the run's engines: it ends
once its input does and the last of them lives no more, so that it outlives a runner that is killed, and no engine; what
an engine has started and left behind does not count. An engine that may not save any more is ended. Must never print
anything else.
"""

import contextlib
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final

from tradai_runner.process.alive import process_start
from tradai_runner.stateport.asked import Place
from tradai_runner.stateport.described import Described
from tradai_runner.stateport.grouping import Types
from tradai_runner.stateport.hostlock import HostLock
from tradai_runner.stateport.port import Port
from tradai_runner.stateport.server import Server
from tradai_runner.stateport.upstream import SignedBucket

#: For how long an end waits for a begin that takes it along.
_LINGER_SECONDS: Final = 0.4
#: Between two looks whether an engine that has lost its run still lives.
_LOOK_SECONDS: Final = 0.2
#: Between two tries of a bucket that was waited for in vain.
_AGAIN_SECONDS: Final = 5.0
#: For how long an engine that may not save any more may end by itself, once it was asked to.
_GRACE_SECONDS: Final = 10.0

#: A process: pid, and start in clock ticks.
Engine = tuple[int, int]


def main() -> int:
    """Serve until nobody is left who could ask."""
    told = Described(**json.loads(sys.stdin.buffer.readline()))
    place = Place(told.bucket, told.prefix, told.project, told.stack)
    bucket = SignedBucket(told.bucket, told.region, told.endpoint)
    port = Port(
        place,
        told.run_id,
        bucket,
        told.wait_seconds,
        host=HostLock(Path(told.host_lock)),
        types=Types(frozenset(told.found), frozenset(told.data)) if told.grouped else None,
    )
    server = Server(port, token := secrets.token_urlsafe(24))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="port").start()
    threading.Thread(target=_linger, args=(port,), daemon=True, name="ends").start()
    engines: list[Engine] = []
    threading.Thread(target=_end_fenced, args=(port, engines), daemon=True, name="fence").start()
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}/{token}"}) + "\n")
    sys.stdout.flush()
    for line in sys.stdin.buffer:
        pid, started = json.loads(line)
        engines.append((pid, started))
    _until_nobody_is_left(engines)
    server.drain()
    return 0 if port.flush() is None else 1


def _living(engines: Collection[Engine]) -> list[Engine]:
    return [(pid, started) for pid, started in engines if process_start(pid) == started]


def _until_nobody_is_left(engines: Collection[Engine]) -> None:
    while _living(engines):
        time.sleep(_LOOK_SECONDS)


def _end_fenced(port: Port, engines: Collection[Engine]) -> None:
    """An engine tries each save that is refused for half a minute, one after the other: a quarter of an hour in all.

    What it has under way stands in the copy that is kept.
    """
    port.fenced.wait()
    asked: dict[Engine, float] = {}
    while True:
        for engine in _living(list(engines)):
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                if engine not in asked:
                    asked[engine] = time.monotonic()
                    os.kill(engine[0], signal.SIGINT)
                elif time.monotonic() - asked[engine] > _GRACE_SECONDS:
                    os.kill(engine[0], signal.SIGKILL)
        time.sleep(_LOOK_SECONDS)


def _linger(port: Port) -> None:
    """What waits for the next begin does not wait for long."""
    while port.lingering.wait():
        time.sleep(_LINGER_SECONDS)
        if port.flush():
            time.sleep(_AGAIN_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
