"""The controllers that make pods of deployments and endpoints of pods, beside those that a sandbox has already.

The real kube-controller-manager, with just these. Must never outlive its owner.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tradai_sandbox.layout import Layout
from tradai_sandbox.ports import HOST, find
from tradai_sandbox.services.service import binary

_CONTROLLERS = ("deployment-controller", "replicaset-controller", "endpointslice-controller", "disruption-controller")


@contextmanager
def controllers(layout: Layout) -> Iterator[None]:
    """Runs them for one sandbox."""
    files = layout.certificates
    command = [
        binary("kube-controller-manager"),
        f"--kubeconfig={layout.kubeconfig('controller-manager')}",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--use-service-account-credentials",
        "--leader-elect=false",
        f"--bind-address={HOST}",
        f"--secure-port={find()}",
        f"--tls-cert-file={files / 'server.crt'}",
        f"--tls-private-key-file={files / 'server.key'}",
    ]
    with layout.log("controllers").open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
