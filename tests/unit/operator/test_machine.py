"""What the operator does with the memory of its machine."""

import subprocess
import sys
import time

import pytest

from tradai_operator.adapters.process import machine

#: Frees all but the last of many pieces, as a thousand environments leave them, and says what that was and is.
_PROGRAM = """
import psutil
from tradai_operator.adapters.process.machine import give_back

pieces = [bytes(1000) for _ in range(100_000)]
last = pieces[-1]
held = psutil.Process().memory_info().rss
del pieces
give_back()
print(held - psutil.Process().memory_info().rss)
"""


def test_freed_memory_goes_back_to_the_machine_although_something_lies_behind_it() -> None:
    said = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert int(said.stdout) > 50_000_000


def test_a_process_that_did_nothing_is_not_searched_for_what_it_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    worked = machine.Worked()
    spent = iter([1.2, 1.3, 1.4, 2.5])
    monkeypatch.setattr(time, "process_time", lambda: next(spent))
    assert [worked() for _ in range(4)] == [True, False, False, True]


def test_imported_modules_are_no_garbage_and_a_page_of_bodies_is_not_searched_for_any() -> None:
    program = (
        "import gc\nfrom tradai_operator.adapters.process import machine\n"
        "machine.spare_the_collector()\nprint(gc.get_freeze_count() > 1000, gc.get_threshold()[0] >= 10_000)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", "True"]
