"""Runs jobs side by side; the first one that fails stops the others.

Must never return, nor raise, while a job still works.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from tools.provision import children

Job = Callable[[], None]


def side_by_side(jobs: Sequence[Job], at_once: int) -> None:
    """All of `jobs`, at most `at_once` at a time; raises what the first one that failed raised.

    Whatever interrupts it, ctrl-C between any two lines included, ends what the jobs have started.
    """
    workers, begun = ThreadPoolExecutor(max_workers=max(1, at_once)), _Begun()
    try:
        done, _ = wait([workers.submit(begun.counted(job)) for job in jobs], return_when=FIRST_EXCEPTION)
        for job in done:
            job.result()
    except BaseException:
        children.stop_all()
        raise
    finally:
        begun.close()
        workers.shutdown(cancel_futures=True)
        children.resume()


class _Begun:
    """The jobs that are at work. The pool forgets a thread when ctrl-C comes while it starts it; this does not."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._working = 0
        self._closed = False

    def counted(self, job: Job) -> Job:
        """The job, known as long as it works."""

        def work() -> None:
            with self._changed:
                if self._closed:
                    return
                self._working += 1
            try:
                job()
            finally:
                with self._changed:
                    self._working -= 1
                    self._changed.notify_all()

        return work

    def close(self) -> None:
        """Let none begin any more, and wait for those that have."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._working == 0)
