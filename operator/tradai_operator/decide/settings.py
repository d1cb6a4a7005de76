"""What whoever runs the operator decides for all environments. Data only; main fills it in from its environment."""

from dataclasses import dataclass
from typing import Final

#: How many environments one answer of the API server holds: what a process once held at a time stays its memory.
CHUNK: Final = 100
#: The API server ends each watch after that, and the next goes on where it ended; at the end comes a bookmark, so that
#: a quiet one has not to be read anew.
WATCH_SECONDS: Final = 40
#: A watch of which nothing is heard for so long is dead, whatever the connection says.
SILENT_SECONDS: Final = 50.0
CONNECT_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Settings:
    """`namespace` is the operator's own; `endpoint_url` is where AWS answers for resources that name no endpoint.

    `cluster` tells the cluster that the operator works for from any other. `secret_namespaces` are the only ones whose
    Secrets it may read; without any, all are.
    """

    namespace: str
    program_version: str
    cluster: str
    endpoint_url: str | None = None
    secret_namespaces: frozenset[str] = frozenset()
