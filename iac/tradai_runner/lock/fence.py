"""Which leadership of the operator has worked on a stack: a later one shuts out the runs of all earlier ones.

Each run shows its term (DESIGN §5, fencing) by an object of its own in the backend, and looks for a higher one once it
holds the stack. Terms are counted by cluster, since an environment may move to another. Must never lower what is shown:
no object is written over, and only lower ones are removed.
"""

from typing import Final

from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import fence_prefix
from tradai_runner.bucket.store import Store
from tradai_runner.contract import RunRequest

_DIGITS: Final = 10


def show(store: Store, project: str, request: RunRequest) -> int:
    """Shows the request's term, where it has one and it is the highest; returns the highest one (0: none).

    Raises botocore's ClientError and connection errors.
    """
    highest = newest(store, project, request)
    if request.fence <= highest:
        return highest
    prefix = _prefix(project, request)
    store.put(f"{prefix}{request.fence:0{_DIGITS}d}", b"")
    for key in store.keys(prefix):
        if _term(key) < request.fence:
            store.delete(key)
    return request.fence


def newest(store: Store, project: str, request: RunRequest) -> int:
    """The highest term that the request's cluster has shown for the stack; raises as `show`.

    0 where there is none, and for a request that shows none: it need not be asked.
    """
    if not request.fence or not request.owner:
        return 0
    return max(map(_term, store.keys(_prefix(project, request))), default=0)


def refusal(request: RunRequest, highest: int) -> Failure | None:
    """Why the run may not go on; a person by hand shows no term and is bound by the lock alone."""
    if not request.fence or request.fence >= highest:
        return None
    return Failure(
        kind="Lock",
        error=f"another operator leads now (term {highest}), and the one that started this run (term {request.fence}) "
        "no longer does",
        hint="Nothing was touched. The operator that leads now does what is needed.",
    )


def _prefix(project: str, request: RunRequest) -> str:
    cluster = request.owner.cluster if request.owner else ""
    return fence_prefix(project, request.environment, cluster)


def _term(key: str) -> int:
    name = key.rpartition("/")[2]
    return int(name) if name.isdecimal() else 0
