"""The local AWS endpoint as a service.

Must never be restarted for a change of latency: it would forget every resource.
"""

import sys
from collections.abc import Mapping
from typing import Final

from tradai_sandbox.aws import OBJECTS
from tradai_sandbox.ports import HOST
from tradai_sandbox.services.probe import http_ok
from tradai_sandbox.services.service import Context, Service
from tradai_sandbox.workloads import WORKLOADS

NAME = "aws"


def url(context: Context) -> str:
    """The endpoint that every AWS client of the sandbox uses."""
    return f"http://{HOST}:{context.ports[NAME]}"


def _command(context: Context) -> tuple[str, ...]:
    return (sys.executable, "-m", "tradai_sandbox.aws", "--port", str(context.ports[NAME]))


#: The C library gives back what a body took on its way; else each thread keeps some, and there is one a client.
_MEMORY: Final = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}


def _environment(context: Context) -> Mapping[str, str]:
    """No part of the command, by which an endpoint that runs would be another one and be started anew."""
    kept = {OBJECTS: str(context.layout.objects), WORKLOADS: str(context.layout.workloads)}
    return {**kept, **_MEMORY}


SERVICE = Service(
    name=NAME,
    ports=(NAME,),
    command=_command,
    environment=_environment,
    ready=lambda context: http_ok(context.ports[NAME], "/_sandbox/latency"),
)
