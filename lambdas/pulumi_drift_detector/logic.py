"""Which stacks are to be looked at, what their runs are asked, and what an answer says.

What the request of a look is made of is what the environment last was as a whole: the newest record of its history in
the state bucket. Must never call AWS or read the clock, nor make a request that could change anything.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from shared import clock
from shared.base import Frozen
from shared.deployed import DEPLOYED
from shared.incidents import Notice, Rule, Sight, looked
from shared.infra_drift import Look, Memory, moment

PERIOD: Final = timedelta(seconds=DEPLOYED.watching.drift_period_seconds)
#: A run that has said nothing for longer is given up.
PATIENCE: Final = timedelta(seconds=DEPLOYED.watching.drift_run_seconds)
_ONCE: Final = Rule(failures=1, successes=1)
NO_RUNNER: Final = "no runner image: driftRunner is not set in the configuration of compute"
NO_BUCKET: Final = "its state is in no bucket, so that no run can be asked for"
NO_HISTORY: Final = "the environment has not been Ready as a whole, so that nobody knows what it is to be"
NO_KEY: Final = "its state opens with a passphrase, which the detector is not given; one with a key can be looked at"
NO_SECRETS: Final = "its configuration names secrets, whose values the detector is not given"


class Call(Frozen):
    """EventBridge's event, or an empty one by hand."""

    id: str = ""


class Unknown(Frozen):
    """Why nobody knows whether a stack has drifted."""

    why: str


class Place(Frozen):
    """Where a run and the detector meet."""

    bucket: str
    region: str
    project: str
    environment: str
    run_id: str

    def key(self, file: str) -> str:
        """A file of the run's journal."""
        return f".tradai/runs/{self.project}/{self.environment}/{self.run_id}/journal/{file}"

    def address(self, endpoint_url: str | None) -> str:
        """The journal's address, as the runner reads it."""
        query = {"region": self.region} | ({"endpoint": endpoint_url} if endpoint_url else {})
        where = f"{self.project}/{self.environment}/{self.run_id}"
        return f"s3://{self.bucket}?{urlencode(query, safe=':/')}#{where}"


def stack_of(project: str, environment: str) -> str:
    """A stack's name, as the operator writes it."""
    return f"{project}-{environment}"


def fresh(look: Look | None, now: datetime) -> bool:
    """Whether somebody has looked within the period; a look that came to nothing is none."""
    if look is None or look.has_drift == "unknown":
        return False
    return abs(now - clock.parsed(look.last_check)) < PERIOD


def request(record: Mapping[str, Any] | None, layer: str, environment: str, run_id: str) -> dict[str, Any] | Unknown:
    """What a run is asked, as the runner's contract has it: a preview that looks for drift, and nothing else."""
    if record is None:
        return Unknown(why=NO_HISTORY)
    spec = record["manifest"]["spec"]
    aws, state = spec["aws"], spec["state"]
    key = state.get("secrets", {}).get("awskms")
    config = spec.get("layers", {}).get(layer, {}).get("config", {})
    if key is None:
        return Unknown(why=NO_KEY)
    if config.get("secrets"):
        return Unknown(why=NO_SECRETS)
    rules = [{name: one[name] for name in ("urn", "type", "path", "reason") if name in one} for one in _rules(spec)]
    optional = {"bucket_suffix": aws.get("bucketSuffix"), "endpoint_url": aws.get("endpointUrl")}
    return {
        "operation": "preview",
        "drift": {"ignore": rules},
        "run_id": run_id,
        "blueprint": spec.get("blueprint", "tradai"),
        "layer": layer,
        "environment": environment,
        "account_id": aws["accountId"],
        "region": aws["region"],
        "backend_url": state["backendUrl"],
        "kms_key": key,
        "config": config,
        "images": record.get("images", {}).get(layer, {}),
        "stood": True,
        **{name: value for name, value in optional.items() if value},
    }


def _rules(spec: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    rules: Sequence[Mapping[str, Any]] = spec.get("drift", {}).get("ignore", [])
    return rules


def answered(stack: str, report: str, result: bytes, now: datetime) -> Look:
    """The look that a run's result amounts to; one without a finding is unknown."""
    said = json.loads(result)
    found = said.get("drift")
    if said.get("outcome") != "succeeded" or found is None:
        failure = said.get("failure") or {}
        return unknown(stack, str(failure.get("error") or f"the run was {said.get('outcome')}"), now)
    counts = {name: int(found.get(name, 0)) for name in ("changed", "missing", "unexpected", "ignored")}
    drifted = any(counts[name] for name in ("changed", "missing", "unexpected"))
    at = datetime.fromtimestamp(float(said["finished_at"]), now.tzinfo)
    first = tuple(map(str, found.get("first", ())))
    has_drift = "true" if drifted else "false"
    return Look.model_validate(
        {"stack_name": stack, "has_drift": has_drift, "last_check": moment(at), "resources": first, "report": report}
        | counts
    )


def unknown(stack: str, why: str, now: datetime) -> Look:
    """A stack that nobody could look at."""
    return Look(stack_name=stack, has_drift="unknown", last_check=moment(now), reason=why[:1000])


def overdue(memory: Memory, now: datetime) -> bool:
    """Whether a run is given up."""
    return memory.asked_at is not None and abs(now - clock.parsed(memory.asked_at)) > PATIENCE


def seen(memory: Memory, look: Look, at: str) -> Memory:
    """What is remembered after a look, and what people are owed: of drift, and of being blind, each once."""
    blind = look.has_drift == "unknown"
    drift = Sight.UNKNOWN if blind else (Sight.BAD if look.has_drift == "true" else Sight.GOOD)
    what = "; ".join(look.resources) or "everything is as declared"
    return memory.model_copy(
        update={
            "run_id": None,
            "asked_at": None,
            "task_arn": None,
            "drift": looked(memory.drift, drift, what, _ONCE, at, ""),
            "blind": looked(memory.blind, Sight.BAD if blind else Sight.GOOD, look.reason or "", _ONCE, at, ""),
        }
    )


def sighted(memory: Memory, at: str) -> Memory:
    """After somebody else could look: the stack is not out of sight any more."""
    return memory.model_copy(update={"blind": looked(memory.blind, Sight.GOOD, "", _ONCE, at, "")})


def sentences(stack: str, memory: Memory) -> list[str]:
    """What people are owed of a stack."""
    return [
        *(_sentence(stack, one, "has drifted", "is as declared again") for one in memory.drift.owed),
        *(_sentence(stack, one, "cannot be looked at", "can be looked at again") for one in memory.blind.owed),
    ]


def _sentence(stack: str, notice: Notice, opened: str, closed: str) -> str:
    return f"{stack} {opened}: {notice.why}." if notice.opened else f"{stack} {closed}."


def settled(memory: Memory) -> Memory:
    """After people were told all of it."""
    nothing = {"owed": ()}
    return memory.model_copy(
        update={"drift": memory.drift.model_copy(update=nothing), "blind": memory.blind.model_copy(update=nothing)}
    )
