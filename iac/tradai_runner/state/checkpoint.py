"""The engine's record of one stack, read from the state bucket without asking the engine.

Must never write it, and never open what is encrypted in it: a secret value stays `SECRET`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tradai_iac.backend import stack_reference

#: How the types begin that nothing of a cloud stands behind.
NO_CLOUD: Final = ("pulumi:", "tradai:")
#: What stands in place of a secret value.
SECRET: Final = "[secret]"  # noqa: S105 - a mask
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how the engine marks a secret
_STACK_TYPE: Final = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Recorded:
    """One resource as the state has it; property names in camelCase, `retained` ones outlive their deletion."""

    urn: str
    type: str
    name: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    protect: bool
    retained: bool

    @property
    def holds_data(self) -> bool:
        """Whether something of a cloud stands behind it: no component, no provider, no stack."""
        return not self.type.startswith(NO_CLOUD)


@dataclass(frozen=True)
class Interrupted:
    """An operation that a run began and did not end: `creating`, `updating`, ... and the resource's URN."""

    kind: str
    urn: str


@dataclass(frozen=True)
class Checkpoint:
    """Every resource of a stack, and what the stack exports; both are empty once it was destroyed.

    `opener` opens its secrets: `passphrase`, the engine's URL of a key, or '' where nothing was saved yet.
    `interrupted` is what a run began and did not end. `version` differs whenever any resource does, pending and
    half-deleted ones included; it is empty without a stack.
    """

    resources: tuple[Recorded, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    interrupted: tuple[Interrupted, ...] = ()
    version: str = ""
    opener: str = ""

    def of(self, type_: str) -> tuple[Recorded, ...]:
        """The resources of one type, without those that outlive the stack."""
        return tuple(found for found in self.resources if found.type == type_ and not found.retained)

    @property
    def stands(self) -> bool:
        """Whether anything in AWS belongs to it."""
        return any(found.holds_data for found in self.resources)


def empty_state(project: str, stack: str) -> bytes:
    """The state file of a stack that was just made: any engine goes on from it, and puts its secrets' salt into it."""
    return json.dumps({"version": 3, "checkpoint": {"stack": stack_reference(project, stack)}}).encode()


def parse_checkpoint(body: Mapping[str, Any]) -> Checkpoint:
    """The record from the state file's JSON."""
    latest = body.get("checkpoint", {}).get("latest") or {}
    resources = [_resource(entry) for entry in latest.get("resources") or [] if not entry.get("delete")]
    exported = next((found.outputs for found in resources if found.type == _STACK_TYPE), {})
    pending = latest.get("pending_operations") or []
    interrupted = tuple(Interrupted(entry["type"], entry["resource"]["urn"]) for entry in pending)
    return Checkpoint(tuple(resources), exported, interrupted, _version(latest), _opener(latest))


def _opener(latest: Mapping[str, Any]) -> str:
    """A key is told by its URL, any other provider by its kind."""
    provider = latest.get("secrets_providers") or {}
    return str((provider.get("state") or {}).get("url") or provider.get("type") or "")


def _version(latest: Mapping[str, Any]) -> str:
    """Without secrets: the engine encrypts them anew whenever it saves, and one that changes has a new time stamp."""
    standing = [masked(latest.get(part) or []) for part in ("resources", "pending_operations")]
    return hashlib.sha256(json.dumps(standing, sort_keys=True).encode()).hexdigest() if any(standing) else ""


def _resource(entry: Mapping[str, Any]) -> Recorded:
    return Recorded(
        urn=entry["urn"],
        type=entry["type"],
        name=entry["urn"].rpartition("::")[2],
        id=entry.get("id", ""),
        inputs=masked(entry.get("inputs") or {}),
        outputs=masked(entry.get("outputs") or {}),
        protect=bool(entry.get("protect")),
        retained=bool(entry.get("retainOnDelete")),
    )


def masked(value: Any) -> Any:
    """Inputs or outputs with `SECRET` for every secret value."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return SECRET
        return {key: masked(item) for key, item in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value
