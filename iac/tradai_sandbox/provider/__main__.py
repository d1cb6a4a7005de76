"""The plugin as a process: serves on a free loopback port and prints it as its first line, as the engine
expects.

Must never print anything else to standard output.
"""

import signal
import sys
from concurrent import futures
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from tradai_sandbox.provider.server import AwsProvider

_THREADS: Final = 32
_MAX_MESSAGE: Final = 400 * 1024 * 1024


def main() -> None:
    """Serves until the engine ends the process."""
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
    signal.signal(signal.SIGTERM, lambda *_: server.stop(grace=None))
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
