"""What the operator does with the memory of its machine."""

import os
import subprocess
import sys

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
    variables = os.environ | {"PYTHONMALLOC": "malloc"}
    said = subprocess.run([sys.executable, "-c", _PROGRAM], env=variables, capture_output=True, text=True, check=True)
    assert int(said.stdout) > 50_000_000
