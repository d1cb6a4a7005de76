"""`python -m tradai_iac.runner.stateport`: one port, as its run describes it in the first line of its input.

It says where it listens in its first line of output, and ends once its input does: the run and each of its engines hold
the other end, so that it outlives a runner that is killed, and no engine. Must never print anything else.
"""

import json
import secrets
import sys
import threading

from tradai_iac.runner.stateport.asked import Place
from tradai_iac.runner.stateport.described import Described
from tradai_iac.runner.stateport.port import Port
from tradai_iac.runner.stateport.server import Server
from tradai_iac.runner.stateport.upstream import SignedBucket


def main() -> int:
    """Serve until nobody is left who could ask."""
    told = Described(**json.loads(sys.stdin.buffer.readline()))
    place = Place(told.bucket, told.prefix, told.project, told.stack)
    bucket = SignedBucket(told.bucket, told.region, told.endpoint)
    server = Server(Port(place, told.run_id, bucket, told.patience), token := secrets.token_urlsafe(24))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="port").start()
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}/{token}"}) + "\n")
    sys.stdout.flush()
    while sys.stdin.buffer.read(4096):
        pass
    server.drain()
    return 0


if __name__ == "__main__":
    sys.exit(main())
