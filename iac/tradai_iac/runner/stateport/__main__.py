"""`python -m tradai_iac.runner.stateport`: one port, as its run describes it in the first line of its input.

It says where it listens in its first line of output, and ends once its input does: the run and each of its engines hold
the other end, so that it outlives a runner that is killed, and no engine. Must never print anything else.
"""

import json
import secrets
import sys
import threading
import time
from pathlib import Path
from typing import Final

from tradai_iac.runner.stateport.asked import Place
from tradai_iac.runner.stateport.described import Described
from tradai_iac.runner.stateport.hostlock import HostLock
from tradai_iac.runner.stateport.port import Port
from tradai_iac.runner.stateport.server import Server
from tradai_iac.runner.stateport.upstream import SignedBucket

#: For how long an end waits for a begin that takes it along.
_LINGER_SECONDS: Final = 0.4
#: Between two tries of a bucket that was waited for in vain.
_AGAIN_SECONDS: Final = 5.0


def main() -> int:
    """Serve until nobody is left who could ask."""
    told = Described(**json.loads(sys.stdin.buffer.readline()))
    place = Place(told.bucket, told.prefix, told.project, told.stack)
    bucket = SignedBucket(told.bucket, told.region, told.endpoint)
    port = Port(
        place,
        told.run_id,
        bucket,
        told.patience,
        host=HostLock(Path(told.host_lock)),
        grouped=told.grouped,
        data=frozenset(told.data),
    )
    server = Server(port, token := secrets.token_urlsafe(24))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="port").start()
    threading.Thread(target=_linger, args=(port,), daemon=True, name="ends").start()
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}/{token}"}) + "\n")
    sys.stdout.flush()
    while sys.stdin.buffer.read(4096):
        pass
    server.drain()
    return 0 if port.flush() is None else 1


def _linger(port: Port) -> None:
    """What waits for the next begin does not wait for long."""
    while port.lingering.wait():
        time.sleep(_LINGER_SECONDS)
        if port.flush():
            time.sleep(_AGAIN_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
