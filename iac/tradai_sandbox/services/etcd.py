"""etcd: where the API server keeps everything. One member, on sockets of the sandbox, without waiting for the disk.

It asks nobody who they are, so that it listens where no other user of the machine gets: all Secrets are in it. The
sockets are named from the sandbox's folder, in which its processes run, since a whole path is often too long for one.
Must never be used for data that matters: it does not sync.
"""

from tradai_sandbox.services.probe import socket_ok
from tradai_sandbox.services.service import Context, Service, binary

_NAME = "sandbox"
#: Where clients in the sandbox's folder reach it.
URL = "unix://etcd:2379"
#: etcd takes no name without a port: it is a part of the socket's name.
_PEER = "unix://etcd:2380"


def _command(context: Context) -> tuple[str, ...]:
    return (
        binary("etcd"),
        f"--name={_NAME}",
        f"--data-dir={context.layout.etcd}",
        f"--listen-client-urls={URL}",
        f"--advertise-client-urls={URL}",
        f"--listen-peer-urls={_PEER}",
        f"--initial-advertise-peer-urls={_PEER}",
        f"--initial-cluster={_NAME}={_PEER}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    )


SERVICE = Service(
    name="etcd",
    ports=(),
    command=_command,
    ready=lambda context: socket_ok(context.layout.etcd_socket, "/health"),
)
