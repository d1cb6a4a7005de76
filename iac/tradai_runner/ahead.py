"""A runner that is started ahead of its run: it imports what the run will need, and waits to be given it.

What a run needs takes a second or two of a processor to import, while another layer builds. Must never begin anything
of a run before it is given one; it ends by itself where whoever started it is gone.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Final

#: The word in place of a directory; behind it the blueprint and the layer that is being built.
AHEAD: Final = "--ahead"
_STDIN, _STDOUT, _STDERR = 0, 1, 2


@dataclass(frozen=True)
class Given:
    """A run: the directory of its journal, the file for what it prints, and the variables that it has besides."""

    directory: str
    output: str
    variables: Mapping[str, str]

    def say(self, to: IO[bytes]) -> None:
        """Gives the run to a runner that waits, whose input this is; raises BrokenPipeError where it has died."""
        with to:
            to.write(json.dumps(asdict(self)).encode() + b"\n")

    def enter(self) -> Path:
        """Makes this process the run's, as if it had been started for it; the directory."""
        os.environ.update(self.variables)
        tempfile.tempdir = None  # what was imported may have asked for it before TMPDIR was this run's
        output = os.open(self.output, os.O_WRONLY | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for ours, theirs in ((nothing, _STDIN), (output, _STDOUT), (output, _STDERR)):
            os.dup2(ours, theirs)
        os.close(output)
        os.close(nothing)
        return Path(self.directory)


def wait(blueprint: str, layer: str, words: IO[bytes]) -> Given | None:
    """The run, once it is given, None where there will be none; loads the layer after `layer` meanwhile."""
    loading = Thread(target=_load, args=(blueprint, layer), daemon=True, name="ahead")
    loading.start()
    line = words.readline()
    if not line.endswith(b"\n"):
        return None
    loading.join()  # what is half imported must not be imported by two threads at once
    return Given(**json.loads(line))


def _load(blueprint: str, layer: str) -> None:
    with suppress(Exception):  # what is wrong with a program is said once it is run
        import tradai_runner.guard.asking  # with boto3, the point of it all
        import tradai_runner.run  # noqa: F401
        from tradai_iac.blueprints import BUILDABLE
        from tradai_iac.program.binding import load
        from tradai_runner.engine.process import ask_version_ahead

        ask_version_ahead()
        found = BUILDABLE[blueprint]
        if after := found.after(layer):
            load(found, after)
