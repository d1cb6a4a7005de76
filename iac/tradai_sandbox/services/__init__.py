"""The processes of a sandbox: one module each, one row each.

Must never start anything: a service only says how it would be started and how one sees that it is ready.
"""

from tradai_sandbox.services import apiserver, aws, controller_manager, etcd, operator
from tradai_sandbox.services.service import Context, Service

#: The control plane: these start together, and each waits for what it needs by itself.
FOUNDATION: tuple[Service, ...] = (etcd.SERVICE, apiserver.SERVICE, aws.SERVICE)
#: These need what is prepared in the control plane first.
WORKERS: tuple[Service, ...] = (controller_manager.SERVICE, operator.SERVICE)
SERVICES: tuple[Service, ...] = FOUNDATION + WORKERS

__all__ = ["FOUNDATION", "SERVICES", "WORKERS", "Context", "Service"]
