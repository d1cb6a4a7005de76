"""The plugin as a process: serves on a free loopback port and prints it as its first line, as the engine
expects; ends with a signal, or with the engine.

Must never print anything else to standard output, and must never outlive its engine.
"""

import os
import signal
import sys
from concurrent import futures
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from tradai_sandbox.provider.engine import watch_engine
from tradai_sandbox.provider.server import AwsProvider

_THREADS: Final = 32
_MAX_MESSAGE: Final = 400 * 1024 * 1024
#: A call under way may come to its end, so that what it made is told; one that waits for AWS is given up.
_GRACE_SECONDS: Final = 0.5
_ENDINGS: Final = frozenset({signal.SIGTERM, signal.SIGINT})


def main() -> None:
    """Serves until a signal, or until the engine is gone."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # before there are threads: only this one waits for them
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_THREADS),
        options=[
            ("grpc.max_receive_message_length", _MAX_MESSAGE),
            ("grpc.max_send_message_length", _MAX_MESSAGE),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    watch_engine(lambda: os.kill(os.getpid(), signal.SIGTERM))
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    signal.sigwait(_ENDINGS)
    server.stop(_GRACE_SECONDS).wait()
    os._exit(0)  # threads that still wait for AWS would be waited for


if __name__ == "__main__":
    main()
