"""The one port for whatever operator and runner leave behind: files, objects of the state bucket, Kubernetes objects.

Each write goes through a named point, so that tests can enumerate the moments at which a process may die, and let it
die there (`TRADAI_CRASH`). Must never change what is written, and costs nothing where no test has armed it.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

Who = Literal["operator", "runner"]

#: `runner:journal.result:before:1`, more of them with commas; `runner@eph-a+destroy:...` dies for all of these labels.
CRASH: Final = "TRADAI_CRASH"
#: Where a crash leaves its mark, so that it happens once, and `writes.txt` tells every write of an armed process.
CRASH_DIR: Final = "TRADAI_CRASH_DIR"

#: Point → what is written there, and by whom. Adding a write is adding a row.
POINTS: Final[Mapping[str, tuple[tuple[Who, ...], str]]] = {
    "cluster.status": (("operator",), "the status of an environment: the intent of each run before it starts"),
    "cluster.finalizers": (("operator",), "our finalizer, put on before the first run and taken off after the last"),
    "cluster.secret": (("operator",), "a Secret: the record that a destroy needs, and the secret outputs"),
    "cluster.secret.delete": (("operator",), "the destroy record, dropped with its environment"),
    "cluster.record": (("operator",), "the record of what survives an environment"),
    "cluster.event": (("operator",), "an event about an environment"),
    "cluster.delete": (("operator",), "the deletion of an environment whose time is over"),
    "cluster.lease": (("operator",), "who leads, and until when"),
    "run.secrets": (("operator", "runner"), "a private file with a secret value, for one run"),
    "run.output": (("operator",), "what a runner prints beside its log; the last write before it starts"),
    "run.cancelled": (("operator",), "since when a run has been asked to stop"),
    "run.swept": (("operator",), "the secrets and old journals of runs that are over, removed"),
    "journal.request": (("operator",), "what a run is asked"),
    "journal.process": (("operator", "runner"), "which process runs it"),
    "journal.event": (("runner",), "one event of a run"),
    "journal.log": (("runner",), "a line of a run's log"),
    "journal.result": (("runner",), "how a run ended"),
    "journal.plan": (("runner",), "a plan, for the engine or for people"),
    "journal.drift": (("runner",), "what a look for drift has found, for people"),
    "presence.note": (("runner",), "which process may lock a stack from now on, and until when"),
    "presence.swept": (("runner",), "old notes of that kind, removed"),
    "bucket.state.create": (("runner",), "the state of a stack that never was, with nothing in it"),
    "bucket.state.put": (("runner",), "the engine's state, mended after a crash"),
    "bucket.backup.put": (("runner",), "the state as it was before that"),
    "bucket.repair.put": (("runner",), "what a repair set out to do"),
    "bucket.repair.delete": (("runner",), "the same, done; that a run has begun to write a state, looked up"),
    "bucket.lock.put": (("runner",), "the lock of a stack, held while its state is mended"),
    "bucket.lock.delete": (("runner",), "that lock, or one that a run left that died"),
    "bucket.owner.put": (("operator", "runner"), "whose a stack is, and the guards in force"),
    "bucket.owner.delete": (("runner",), "the same, of a stack that is gone"),
    "bucket.stood.put": (("runner",), "whether a stack stands: not yet, now, no more"),
    "bucket.preflight.put": (("runner",), "a probe, before the first change of a layer"),
    "bucket.preflight.delete": (("runner",), "that probe, taken away again"),
    "bucket.fence.put": (("runner",), "which leadership has begun to work on a stack"),
    "bucket.fence.delete": (("runner",), "the same of leaderships before it"),
    # written by the state port, which is neither: whoever ends it there has stopped its engine already
    "bucket.unsaved.put": ((), "the state that a run could not save, since somebody else had written it"),
    "bucket.other.put": ((), "what has no row yet: a test refuses it, a run does not fail of it"),
    "bucket.other.delete": ((), "the same"),
    "bucket.run.put": (("operator", "runner"), "what a run leaves for later: log, result, plan; elsewhere its journal"),
    "bucket.run.delete": (("operator",), "what a run left: taken from elsewhere, or too old"),
    "bucket.drift.put": (("runner",), "what a look for drift has found"),
    "drift.row": (("runner",), "the same in the environment's own table"),
    "bucket.history.put": (("operator",), "what an environment was: the manifest and images of one success"),
    # a death among the next ones leaves a little more than there need be, for the next run to clear
    "bucket.history.delete": ((), "the oldest of those"),
    "bucket.backup.delete": ((), "a copy of a state that is too old"),
    "bucket.unsaved.delete": ((), "a state that a run could not save, and that is too old"),
    "bucket.engine.delete": ((), "the engine's own history and copies that are too old"),
    "bucket.death.put": (("operator", "runner"), "that a run elsewhere is dead, or over"),
    "bucket.death.delete": ((), "the same, of a run that can have left nothing any more"),
    "job.create": (("operator",), "a run that is a Job, which waits for its Secret"),
    "job.secret": (("operator",), "that Secret"),
    "job.resume": (("operator",), "that the Job's pod may come"),
    "job.suspend": (("operator",), "that the Job's pod shall stop"),
    "job.swept": (("operator",), "the Secret of a Job that is over, and a suspended Job, removed"),
    "task.secret": (("operator",), "the secret of a run that is an ECS task"),
    "task.run": (("operator",), "that task"),
    "task.stop": (("operator",), "that the task shall stop"),
    "task.secret.delete": (("operator", "runner"), "that secret, read or no longer needed"),
}

#: Reached only by runs in containers.
ELSEWHERE: Final = frozenset(
    name for name in POINTS if name.startswith(("job.", "task.", "bucket.death.")) or name == "bucket.run.delete"
)

#: Where objects lie in the state bucket, by what they are.
_KINDS: Final = {
    ".pulumi/stacks/": "state",
    ".pulumi/locks/": "lock",
    ".tradai/backups/": "backup",
    ".tradai/preflight/": "preflight",
    ".tradai/repairs/": "repair",
    ".tradai/unsaved/": "unsaved",
    ".tradai/owner/": "owner",
    ".tradai/stood/": "stood",
    ".tradai/runs/": "run",
    ".tradai/drift/": "drift",
    ".tradai/history/": "history",
    ".tradai/dead/": "death",
    ".tradai/fences/": "fence",
    ".pulumi/history/": "engine",
    ".pulumi/backups/": "engine",
}


def bucket_point(verb: Literal["create", "put", "delete"], key: str) -> str:
    """The point at which an object of the state bucket is written; `bucket.other` for a key that no row covers."""
    kind = next((kind for prefix, kind in _KINDS.items() if key.startswith(prefix)), "other")
    name = f"bucket.{kind}.{verb}"
    return name if name in POINTS else f"bucket.other.{'delete' if verb == 'delete' else 'put'}"


@dataclass(frozen=True)
class Crash:
    """Die `before` or `after` the `nth` write at a point, in a process that has all the labels."""

    who: str
    labels: frozenset[str]
    point: str
    when: str
    nth: int
    text: str

    @staticmethod
    def parse(text: str) -> "Crash":
        """From its text; raises ValueError, KeyError for a point that is none."""
        subject, point_name, when, nth = text.split(":")
        who, _, labels = subject.partition("@")
        if when not in {"before", "after"} or POINTS[point_name] is None:
            raise ValueError(f"not a crash: {text}")
        return Crash(who, frozenset(labels.split("+")) - {""}, point_name, when, int(nth), text)


@dataclass
class Trap:
    """The crashes that wait for one process; `folder` keeps the marks of those that happened."""

    crashes: tuple[Crash, ...]
    who: str
    folder: Path
    seen: Counter[str] = field(default_factory=Counter)

    def reached(self, name: str, when: str) -> None:
        """Dies here, where a crash says so and it has not happened yet."""
        if when == "before":
            self.seen[name] += 1
            _add(self.folder / "writes.txt", f"{self.who} {name}\n")
        for crash in self.crashes:
            if (crash.point, crash.when, crash.nth) == (name, when, self.seen[name]) and self._first(crash):
                os.kill(os.getpid(), signal.SIGKILL)

    def _first(self, crash: Crash) -> bool:
        try:
            os.close(os.open(self.folder / crash.text.replace(":", "_"), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        return True


_trap: Trap | None = None


def arm(who: Who, variables: Mapping[str, str], *labels: str) -> None:
    """Called once by each program that writes, with what tells it apart; does nothing where no test asks for it."""
    global _trap
    folder = variables.get(CRASH_DIR)
    if folder is None:
        return
    crashes = tuple(Crash.parse(text) for text in variables.get(CRASH, "").split(",") if text)
    mine = tuple(c for c in crashes if c.who == who and c.labels <= set(labels))
    _trap = Trap(mine, who, Path(folder))


@contextmanager
def point(name: str) -> Iterator[None]:
    """Around one write, which is `POINTS[name]`; raises KeyError for a name that is not declared.

    A write whose answer nobody waits for any more may be done: whatever takes the last finalizer away is called off by
    the news that its object is gone.
    """
    POINTS[name]
    if _trap:
        _trap.reached(name, "before")
    try:
        yield
    except Exception:
        raise
    except BaseException:
        if _trap:
            _trap.reached(name, "after")
        raise
    if _trap:
        _trap.reached(name, "after")


def _add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)
