"""What a part of `homes` needs of the machine: each raises LackError with what to do.

Must never begin anything, nor build what is missing: that takes minutes which nobody asked for.
"""

from typing import Final

from tests.standins.postgres import programs
from tools.provision.say import LackError
from tradai_blueprints.control_plane.settings import API_PORT
from tradai_sandbox.layout import BINARIES
from tradai_sandbox.ports import is_free

#: What the task of ECS listens on: API server, kine, controller manager, operator.
TASK_PORTS: Final = (API_PORT, 2379, 10257, 8080)


def ecs() -> None:
    """A PostgreSQL, kine, and the ports of the task definition."""
    binaries("--tests", "kine")
    try:
        programs()
    except AssertionError as error:
        raise LackError(str(error)) from error
    if taken := [port for port in TASK_PORTS if not is_free(port)]:
        ports = ", ".join(map(str, taken))
        raise LackError(f"the task definition's ports are in use here: end what listens on {ports}")


def chart() -> None:
    """Helm."""
    binaries("--tests", "helm")


def argocd() -> None:
    """ArgoCD with what it keeps its cache in."""
    binaries("--gitops", "argocd", "argocd-redis")


def binaries(option: str, *names: str) -> None:
    """All of these, which that option of the bootstrap brings."""
    if missing := [name for name in names if not (BINARIES / name).exists()]:
        these = " and ".join(missing)
        raise LackError(f"{these} not built here: run `python -m tools.bootstrap {option}`, then measure again")
