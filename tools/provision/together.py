"""Runs jobs side by side; the first one that fails stops the others.

Must never return, nor raise, while a job still works.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from tools.provision import children


def side_by_side(jobs: Sequence[Callable[[], None]], at_once: int) -> None:
    """All of `jobs`, at most `at_once` at a time; raises what the first one that failed raised.

    Whatever interrupts it, ctrl-C between any two lines included, ends what the jobs have started.
    """
    workers = ThreadPoolExecutor(max_workers=max(1, at_once))
    try:
        done, _ = wait([workers.submit(job) for job in jobs], return_when=FIRST_EXCEPTION)
        for job in done:
            job.result()
    except BaseException:
        children.stop_all()
        raise
    finally:
        workers.shutdown(cancel_futures=True)
        children.resume()
