"""Empties the buckets, repositories and clusters that a destroy takes, under the stack's own lock.

AWS deletes none that holds something, and nobody gets back what is gone: so that the stack is held first, as an engine
holds it, and everything that permits the loss is looked at once more under the lock. Must never empty before that.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from tradai_iac.failure import Failure
from tradai_runner.contract import RunRequest
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.state.checkpoint import Checkpoint

if TYPE_CHECKING:
    from tradai_runner.teardown.contents import Content


def emptied(
    request: RunRequest,
    project: str,
    recorded: Checkpoint,
    again: Callable[[], Checkpoint | Failure],
    log: Callable[[str], None],
    refuse: Callable[[tuple["Content", ...]], Failure | None] = lambda _: None,
) -> Failure | None:
    """Why it came to nothing, None where all is empty; `again` gives what stands once nobody else can change it.

    `refuse` sees what would go, under the lock. Raises botocore's errors.
    """
    from tradai_runner.bucket.store import store_of
    from tradai_runner.lock.stack import HeldError, hold
    from tradai_runner.repair.clients import clients_for
    from tradai_runner.teardown.contents import (  # boto3 loads while the engine starts
        NotEmptiedError,
        empty,
        found_contents,
    )

    clients, store, stack = clients_for(request), store_of(request), request.environment
    if not found_contents(clients, recorded):
        return None
    registry = RunRegistry.of(request.backend_url, project, stack, request.endpoint_url)
    try:
        with hold(store, project, stack, registry) if store is not None else nullcontext():
            found = again()
            if isinstance(found, Failure):
                return found
            contents = found_contents(clients, found)
            if refused := refuse(contents):
                return refused
            for content in contents:
                log(f"emptying {content}")
                empty(clients, content)
    except HeldError as error:
        return error.failure
    except NotEmptiedError as error:
        return Failure(kind="Conflict", error=str(error), hint="It is tried again; see who still writes there.")
    return None
