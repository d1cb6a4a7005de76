"""What a runner is asked, one kind of run each, so that only what goes together can be asked together.

All kinds lie in journals as the same flat JSON, under the keys that every version of this project has written, since
an operator and the image of its runners change one after the other. Must never hold a secret in clear: secrets are
names of files that only the run can read.
"""

import operator
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Discriminator, Field, Tag, TypeAdapter, model_validator

from tradai_iac.base import Frozen
from tradai_runner.contract.drift import DriftLook

#: What the engine does in a run.
Operation = Literal["up", "preview", "refresh", "destroy"]
#: What of a state is in its bucket before the engine goes on: all, or all that begins.
Durability = Literal["Sync", "Group"]

#: Stands for every resource that bears data: all of them were confirmed at once.
ALL_DATA: Final = "*"
#: How the names of secrets begin that are other passphrases, of which a destroy takes the one that opens the state.
OTHER_PASSPHRASE: Final = "other-passphrase"  # noqa: S105 - a name

#: What only some kinds are asked, and how versions before this one said of the others that it was not: they wrote all.
_NOT_ASKED: Final[Mapping[str, Any]] = {
    "lift_protection": False,
    "keep_plan": False,
    "plan": None,
    "only_if_new": False,
    "unknown": (),
    "teardown": False,
    "confirmed": None,
    "owned_only": False,
    "survey": "",
    "refresh": False,
    "drift": None,
}


class PlanRef(Frozen):
    """A plan that was made before: the id of its preview run, and the digest of its content."""

    run_id: str
    digest: str


class Owner(Frozen):
    """Whose a stack is: the cluster (uid of its namespace kube-system), and the resource (`namespace/name`, uid).

    Beside that, where it stands and the guards last in force, by the paths of the spec: a resource that is made anew is
    held to them. Markers of versions before have none of it (None, not no guards), those of later ones perhaps more.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    cluster: str
    resource: str
    uid: str
    account: str = ""
    region: str = ""
    blueprint: str = ""
    guards: dict[str, str] | None = None


class Asked(Frozen):
    """What every run is asked; nothing in it is secret.

    `config` is the layer's configuration as people spell it (camelCase); `secret_files` maps a secret's name to
    the file that holds its value; `kms_key` is the ARN of the key that opens the state. `passphrase_file` may be absent
    where PULUMI_CONFIG_PASSPHRASE is set, and beside a key; `images` maps the component name of each image that the
    layer runs to its digest. `migrations` names the changes to immutable values that are permitted (see
    `config.immutable`). `bucket_suffix` ends the names that exist once in the world. Neither key nor suffix is written
    where there is none, since versions of before know no such field.

    `owner` is who asks, absent where a person does by hand; `handover` is the uid of the owner that the stack is taken
    over from; `fence` is the term of the leadership that asks, 0 where a person does; `clear_pending` are URNs whose
    interrupted creation a person gives up (see `repair`).
    `kept_runs` is how many runs leave something in the state bucket (see `retention`). `stood` says that whoever asks
    knows that the stack stood: without a state it is then no new one. `durability` is what of the state has to be in
    the bucket before the engine goes on.
    """

    run_id: str
    blueprint: str = "tradai"
    layer: str
    environment: str
    account_id: str
    region: str
    bucket_suffix: str = Field(default="", exclude_if=operator.not_)
    endpoint_url: str | None = None
    assume_role_arn: str | None = None
    external_id: str | None = None
    backend_url: str
    config: dict[str, Any] = {}
    kms_key: Annotated[str | None, Field(exclude_if=lambda found: found is None)] = None
    passphrase_file: str | None = None
    secret_files: dict[str, str] = {}
    images: dict[str, str] = {}
    migrations: tuple[str, ...] = ()
    owner: Owner | None = None
    handover: str | None = None
    fence: int = 0
    clear_pending: tuple[str, ...] = ()
    kept_runs: int = 50
    stood: bool = False
    durability: Durability = "Sync"

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_not_asked(cls, given: Any) -> Any:
        """What another kind is asked is refused, unless the writer says that it is not."""
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if name in cls.model_fields or not _is_idle(name, value)}


class Update(Asked):
    """Makes the layer as it is declared, or does what was planned.

    `plan` names a plan: the run does just that or fails. `only_if_new` permits nothing but the first creation of the
    stack. `refresh` reads what is really there before it compares. `survey` names the facts that a pre-flight is due
    for before anything is touched; empty where that was done.
    """

    operation: Literal["up"] = "up"
    plan: PlanRef | None = None
    only_if_new: bool = False
    refresh: bool = False
    survey: str = ""


class Unprotect(Asked):
    """Takes away just what refuses the deletion of a layer's resources, and touches nothing else."""

    operation: Literal["up"] = "up"
    lift_protection: Literal[True] = True


class Plan(Asked):
    """Looks what an update would do. `keep_plan` leaves a plan that an `Update` can name later.

    `unknown` are upstream layers whose outputs are taken as unknown, for they are not there yet; `refresh` and `survey`
    as for an `Update`.
    """

    operation: Literal["preview"] = "preview"
    keep_plan: bool = False
    unknown: tuple[str, ...] = ()
    refresh: bool = False
    survey: str = ""


class TeardownPlan(Asked):
    """Looks what a destroy would take, from the state alone, and leaves a plan that a `Destroy` can name later.

    `owned_only` wants the owner marker to name the asker, where without one the stack would be nobody's.
    """

    operation: Literal["preview"] = "preview"
    keep_plan: Literal[True] = True
    teardown: Literal[True] = True
    owned_only: bool = False


class DriftCheck(Asked):
    """Looks where AWS is not as declared, and leaves a report."""

    operation: Literal["preview"] = "preview"
    drift: DriftLook


class Refresh(Asked):
    """Takes what is really there into the state, and changes nothing in AWS."""

    operation: Literal["refresh"] = "refresh"


class Destroy(Asked):
    """Takes the layer down. One that names its `plan` takes nothing that is not in it.

    `confirmed` names what may go with its data, None where a person destroys by hand; `owned_only` as for a
    `TeardownPlan`.
    """

    operation: Literal["destroy"] = "destroy"
    plan: PlanRef | None = None
    confirmed: tuple[str, ...] | None = None
    owned_only: bool = False


def _kind_of(given: Any) -> str | None:
    """The kind that fields, or a request, amount to; None for an operation that nobody knows."""
    said = given if isinstance(given, Mapping) else vars(given)
    match said.get("operation"):
        case "up":
            kind: type[Asked] = Unprotect if said.get("lift_protection") else Update
        case "preview" if said.get("teardown"):
            kind = TeardownPlan
        case "preview":
            kind = DriftCheck if said.get("drift") is not None else Plan
        case "refresh":
            kind = Refresh
        case "destroy":
            kind = Destroy
        case _:
            return None
    return kind.__name__


def _is_idle(name: str, value: Any) -> bool:
    return name in _NOT_ASKED and (tuple(value) if isinstance(value, list) else value) == _NOT_ASKED[name]


#: One run's request.
RunRequest: TypeAlias = Annotated[
    Annotated[Update, Tag("Update")]
    | Annotated[Unprotect, Tag("Unprotect")]
    | Annotated[Plan, Tag("Plan")]
    | Annotated[TeardownPlan, Tag("TeardownPlan")]
    | Annotated[DriftCheck, Tag("DriftCheck")]
    | Annotated[Refresh, Tag("Refresh")]
    | Annotated[Destroy, Tag("Destroy")],
    Discriminator(
        _kind_of,
        custom_error_type="operation",
        custom_error_message="operation is not one of up, preview, refresh, destroy",
    ),
]
#: Reads a request, whichever version wrote it; raises pydantic's ValidationError.
REQUESTS: Final[TypeAdapter[RunRequest]] = TypeAdapter(RunRequest)
