"""Becomes a workload's command, in a process that the kernel ends as soon as its starter is gone.

Run as a script: `launcher.py PARENT COMMAND…`. Must never import anything of ours: it runs before every workload.
"""

import ctypes
import os
import signal
import sys

_SET_DEATH_SIGNAL = 1

parent, command = int(sys.argv[1]), sys.argv[2:]
ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, int(signal.SIGKILL))
if os.getppid() != parent:  # it went before the kernel was told
    sys.exit(1)
try:
    os.execvp(command[0], command)  # noqa: S606 - there is no shell on purpose
except OSError as error:
    sys.exit(f"{command[0]} cannot be run: {error.strerror}")
