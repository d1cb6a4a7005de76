"""The ports that actions go through: Kubernetes, runs, images, people, the state bucket, time; and who is told of it.

Protocols only. Adapters implement them for real servers and processes, fakes for tests; nothing else is allowed to
have an effect.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from tradai_iac.failure import Failure
from tradai_iac.images.wanted import Registry, Resolution, WantedImage
from tradai_operator.decide.facts import StackSeen
from tradai_operator.model import EnvironmentStatus
from tradai_operator.status.notices import Notice
from tradai_runner.contract import Owner, Progress, RunRequest, RunResult


@dataclass(frozen=True)
class Ref:
    """Which object: namespace and name for its address, uid for its identity."""

    namespace: str
    name: str
    uid: str


@dataclass(frozen=True)
class Observation:
    """What can be seen of one run: its newest progress, its result once it is over, and whether it is lost.

    A run is lost when its process is gone and left no result; `why` says more, where more is known: that it never
    began, for instance.
    """

    progress: Progress | None = None
    result: RunResult | None = None
    lost: bool = False
    why: Failure | None = None


@dataclass(frozen=True)
class EventText:
    """One Kubernetes event: `type` is Normal or Warning, `reason` a word, `message` a sentence."""

    type: str
    reason: str
    message: str


class ClusterError(Exception):
    """Kubernetes refused or did not answer; `message` says which verb on what."""


class ConflictError(ClusterError):
    """The object was changed or deleted meanwhile; a newer event is on its way."""


class RefusedError(ClusterError):
    """Kubernetes understood and refuses; the same again is refused until somebody changes something there."""


class ForeignError(ClusterError):
    """An object of that name is there, and somebody else made it."""


class Cluster(Protocol):
    """What the reconciler does in Kubernetes; every method raises ClusterError."""

    async def write_status(self, ref: Ref, status: Mapping[str, Any]) -> None:
        """Replaces the whole status of the object with that uid; raises ConflictError if it is gone."""

    async def write_finalizers(self, ref: Ref, before: Sequence[str], after: Sequence[str]) -> None:
        """Replaces the finalizers if they still are `before`; raises ConflictError otherwise."""

    async def environments(self) -> list[Mapping[str, Any]]:
        """The bodies of all environments of the cluster."""

    async def delete(self, ref: Ref) -> None:
        """Asks for the object's deletion."""

    async def secret(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """A Secret's values that are text; None where it does not exist. Who asks meanwhile shares the answer."""

    async def own_secret(self, namespace: str, name: str, owner: Ref) -> Mapping[str, str] | None:
        """A Secret that we made for a resource of that name, None where there is none; raises ForeignError."""

    def secret_changed(self, namespace: str, name: str) -> None:
        """A Secret is another now: an answer that is under way is not given to those who ask from here on."""

    async def write_secret(self, namespace: str, name: str, values: Mapping[str, str], owner: Ref | None) -> None:
        """Creates or replaces a Secret; one with an owner goes with it."""

    async def delete_secret(self, namespace: str, name: str) -> None:
        """Removes a Secret; one that is gone already is no error."""

    async def write_record(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        """Creates or replaces a ConfigMap that outlives its environment."""

    async def emit(self, ref: Ref, event: EventText) -> None:
        """Records a Kubernetes event about the object."""


class Executor(Protocol):
    """Where runners live."""

    name: str

    def handle(self, environment_uid: str, request: RunRequest) -> str:
        """The handle under which this run will be found again, also by another operator process."""

    async def start(self, handle: str, request: RunRequest, passphrase: str, secrets: Mapping[str, str]) -> None:
        """Starts the run; raises OSError where it is sure that it does not begin, which the message explains."""

    async def observe(self, handle: str) -> Observation:
        """What can be seen of the run now."""

    async def cancel(self, handle: str) -> None:
        """Asks the run to stop cleanly; asked again later, with more force."""

    async def finish(self, handle: str) -> None:
        """The run's result was taken: its secrets and old journals may go."""

    async def changed(self, handles: Collection[str]) -> None:
        """Returns once one of the runs has ended or may be lost."""


class Images(Protocol):
    """The registries that images are kept in."""

    async def resolve(self, registry: Registry, wanted: Sequence[WantedImage]) -> Resolution:
        """What stands behind each tag; no answer is an answer with a failure, and comes within half a minute."""


@dataclass(frozen=True)
class Target:
    """Whom to tell: a topic, or an address, which may be secret; the rest says as whom AWS is called."""

    topic_arn: str | None = None
    webhook_url: str | None = None
    endpoint_url: str | None = None
    assume_role_arn: str | None = None
    external_id: str | None = None

    def __repr__(self) -> str:
        return "Target(***)"


class NotDeliveredError(Exception):
    """It could not be told; the message has no secret."""


class Notifier(Protocol):
    """The way to people outside the cluster."""

    async def notify(self, target: Target, notice: Notice) -> None:
        """Tells it, within half a minute; raises NotDeliveredError."""


@dataclass(frozen=True)
class Shelf:
    """Where the records of one environment are kept: the state bucket, and whose they are in it."""

    backend_url: str
    region: str
    endpoint_url: str | None
    system: str
    environment: str


class ArchiveError(Exception):
    """The state bucket refused or did not answer."""


class Archive(Protocol):
    """Where it is kept what an environment was."""

    async def keep(self, shelf: Shelf, name: str, record: Mapping[str, Any]) -> None:
        """Puts one record, JSON-able, in place of one of the same name; raises ArchiveError, within seconds."""


class StacksError(Exception):
    """What the state bucket has is not known, or could not be written; the message has no secret."""


class NoBucketError(StacksError):
    """There is no bucket of that name, as S3 itself says."""


class Stacks(Protocol):
    """The stacks of an environment as its state bucket has them, whoever made them."""

    async def look(
        self, shelf: Shelf, projects: Mapping[str, str], states: Collection[str], known: Collection[str] = ()
    ) -> Mapping[str, StackSeen]:
        """Layer → what is there, of `projects` (layer → stack project); the states are read of the layers in `states`.

        Those in `known` stood, as whoever asks knows. Raises StacksError, within seconds, where anything is not known.
        """

    async def mark(self, shelf: Shelf, project: str, owner: Owner) -> None:
        """Writes an owner marker in place of the one that is there; raises StacksError, within seconds."""


class Clock(Protocol):
    """Time and chance."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def steady(self) -> float:
        """Seconds that only grow, also while the process stands still; of no meaning beyond this host."""

    def run_id(self) -> str:
        """A new id for a run; ids sort by time."""


class Telemetry(Protocol):
    """Told by the loops how it goes: metrics, log lines and traces hang on it.

    Every method is quick, never fails, and gives no answer that a decision could depend on.
    """

    def turn(self, ref: Ref) -> AbstractContextManager[None]:
        """Around one turn; an error that passes through is counted and goes on."""

    def deciding(self) -> AbstractContextManager[None]:
        """Around the facts and the decision of a turn."""

    def saw(self, ref: Ref, statuses: Sequence[EnvironmentStatus]) -> None:
        """The statuses that one turn led through, in order; the last one stands."""

    def gone(self, uid: str) -> None:
        """The resource is no more."""
