"""Runs jobs side by side; the first one that fails stops the others.

Must never return, nor raise, while a job still works.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any

from tools.provision import children

_POLL_SECONDS = 0.2


def side_by_side(jobs: Sequence[Callable[[], None]], at_once: int) -> None:
    """All of `jobs`, at most `at_once` at a time; raises what the first one that failed raised."""
    if not jobs:
        return
    with ThreadPoolExecutor(max_workers=max(1, at_once)) as workers:
        under_way = [workers.submit(job) for job in jobs]
        try:
            done, _ = wait(under_way, return_when=FIRST_EXCEPTION)
            failed = next((job for job in done if job.exception()), None)
        except BaseException:
            _stop(under_way)
            raise
        if failed:
            _stop(under_way)
            failed.result()


def _stop(jobs: Iterable["Future[Any]"]) -> None:
    """A job may be between two processes: what it starts next is ended too."""
    left = {job for job in jobs if not job.cancel()}
    while left:
        children.end_all()
        _, left = wait(left, timeout=_POLL_SECONDS)
