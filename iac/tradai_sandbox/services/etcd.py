"""etcd: where the API server keeps everything. One member, on loopback, without waiting for the disk.

Must never be used for data that matters: it does not sync.
"""

from tradai_sandbox.ports import HOST
from tradai_sandbox.services.probe import http_ok
from tradai_sandbox.services.service import Context, Service, binary

_NAME = "sandbox"


def url(context: Context) -> str:
    """Where clients reach it."""
    return f"http://{HOST}:{context.ports['etcd']}"


def _command(context: Context) -> tuple[str, ...]:
    peer = f"http://{HOST}:{context.ports['etcd-peer']}"
    return (
        binary("etcd"),
        f"--name={_NAME}",
        f"--data-dir={context.layout.etcd}",
        f"--listen-client-urls={url(context)}",
        f"--advertise-client-urls={url(context)}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster={_NAME}={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    )


SERVICE = Service(
    name="etcd",
    ports=("etcd", "etcd-peer"),
    command=_command,
    ready=lambda context: http_ok(context.ports["etcd"], "/health"),
)
