"""Whose a stack is: a marker in the backend, made by the first run and looked at before each (DESIGN §5).

The name is what counts within a cluster: there can be one resource of a name, so one of another uid is the same made
anew. The marker also keeps where the stack stands and the guards last in force, so that making it anew sheds none of
them. Must never be changed by somebody who does not own the stack, but by an explicit handover.
"""

from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import owner_key
from tradai_runner.bucket.store import Store
from tradai_runner.contract import Destroy, Owner, RunRequest, TeardownPlan
from tradai_runner.state.notes import noted


def read_owner(store: Store, project: str, stack: str) -> Owner | None:
    """Whose it is, None where nobody's; raises UnfitStateError where it cannot be read, and botocore's errors."""
    return noted(Owner, store, owner_key(project, stack), "whose this stack is")


def claim(store: Store, project: str, request: RunRequest, found: Owner | None) -> None:
    """Makes the asker the owner, where they may be and are not yet."""
    asks = request.owner
    if asks and found and asks.uid == found.uid and found.guards is not None:
        # whoever owns it notes its guards as they change; a run that was asked for earlier brings no older ones back
        asks = asks.model_copy(update={"guards": found.guards})
    if asks and asks != found and refusal(request, found) is None:
        write_owner(store, project, request.environment, asks)


def write_owner(store: Store, project: str, stack: str, owner: Owner) -> None:
    """Writes the marker; raises as `read_owner`."""
    store.put(owner_key(project, stack), owner.model_dump_json(indent=1).encode())


def disown(store: Store, project: str, request: RunRequest) -> None:
    """The stack is gone, and with it whose it was."""
    store.delete(owner_key(project, request.environment))


def refusal(request: RunRequest, found: Owner | None) -> Failure | None:
    """Why the asker may not work on the stack; a person by hand may.

    Whoever asks leaves out a handover that was used: only they know what they have made of the stack since.
    """
    asks = request.owner
    marked_only = isinstance(request, TeardownPlan | Destroy) and request.owned_only
    if asks is not None and found is None and marked_only:
        return Failure(
            kind="Owner",
            error="no marker says whose this stack is, and another resource claims the environment too",
            hint="Nothing was touched.",
        )
    if asks is None or found is None or request.handover == found.uid:
        return None
    if (asks.cluster, asks.resource) == (found.cluster, found.resource):
        return None
    return Failure(
        kind="Owner",
        error=f"this stack belongs to {found.resource} (uid {found.uid}) of cluster {found.cluster}",
        hint="Nothing was touched. If that resource is given up for good (`tradai.io/abandon` there keeps what stands "
        f"in AWS), take over with the annotation tradai.io/handover: {found.uid}; else delete this resource.",
    )


def warning(request: RunRequest, found: Owner | None) -> str | None:
    """What a person who works by hand should know."""
    if request.owner or found is None:
        return None
    return f"this stack is kept by {found.resource} of cluster {found.cluster}: what differs from it will be undone"
