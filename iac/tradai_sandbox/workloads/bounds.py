"""How much all workloads of one endpoint may take together, said in this one place.

Must never be read by a workload: what it sees are the limits that it was deployed with.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Processes of functions (`processes`, of one function `instances`), of tasks (`tasks`), and their memory.

    Where a new one would be too many, the function that has been idle longest ends first; what finds no place within
    `wait_s` is throttled, a task is refused for want of capacity. Memory is what is resident (`VmRSS` of a process and
    its children), looked at every `look_s`; of a function also its peak (`VmHWM`) when it has answered.
    """

    processes: int = 24
    instances: int = 8
    tasks: int = 16
    resident_mib: int = 4096
    idle_s: float = 60.0
    init_s: float = 30.0
    wait_s: float = 30.0
    look_s: float = 0.25
