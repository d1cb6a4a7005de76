"""What the platform deploys, run on this machine: functions by their images' digests, and the commands of tasks.

The local AWS endpoint alone uses it. Must never install anything, nor leave a process behind that it started.
"""

from typing import Final

#: Names the folder that remembers what was pushed; without it, it is one that goes with the process.
WORKLOADS: Final = "TRADAI_SANDBOX_WORKLOADS"
