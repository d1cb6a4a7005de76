"""What a port is told at its beginning. Must never hold a secret: credentials come from the environment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Described:
    """One stack in its bucket, the run, and for how many seconds a bucket that fails is waited for.

    `grouped`: ends may wait for the next begin, as far as the types in `found` and `data` say (see `grouping`).
    `host_lock` is the file by which this machine has one writer of the stack.
    """

    bucket: str
    prefix: str
    project: str
    stack: str
    run_id: str
    region: str
    endpoint: str | None
    wait_seconds: float
    host_lock: str
    grouped: bool = False
    found: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
