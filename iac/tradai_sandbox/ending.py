"""Ends the processes of a sandbox and removes its data.

Must never remove a file that the sandbox did not write, nor end a process that it did not start.
"""

import shutil

from tradai_sandbox import processes
from tradai_sandbox.layout import Layout
from tradai_sandbox.services import operator
from tradai_sandbox.state import SandboxState, load

#: What is ended here loses its data anyway: politeness has its limits.
_STOP_SECONDS = 2.0


def end(layout: Layout) -> int:
    """End the operator first, so that it starts no run meanwhile, then everything else; gives how many ended."""
    state = load(layout.state) or SandboxState()
    recorded = {name: record.mark for name, record in state.processes.items() if record.alive}
    if operator.NAME in recorded:
        processes.stop([recorded[operator.NAME]], _STOP_SECONDS)
    together = set(recorded.values()) | set(processes.stragglers(str(layout.root)))
    processes.stop(together, _STOP_SECONDS)
    ended = len(together)
    while late := end_strays(layout, SandboxState()):
        ended += late
    _remove(layout)
    return ended


def end_strays(layout: Layout, state: SandboxState) -> int:
    """End what processes of this sandbox started, those recorded in `state` aside; gives how many there were."""
    known = {record.mark for record in state.processes.values()}
    strays = [mark for mark in processes.stragglers(str(layout.root)) if mark not in known]
    processes.stop(strays, _STOP_SECONDS)
    return len(strays)


def _remove(layout: Layout) -> None:
    for path in layout.data:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
