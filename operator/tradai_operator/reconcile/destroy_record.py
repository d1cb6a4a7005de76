"""The destroy record: what a destroy will need, kept in the operator's namespace from the first run on (DESIGN §5).

Deletion must work when the namespace, the Secret or a valid spec are gone already. The passphrase in it is only ever
replaced by one that has opened the state; what else was given to a run is kept beside it. Must never outlive its
environment.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tradai_operator.model import Environment
from tradai_operator.model.lenient import guards_of, with_guards
from tradai_operator.ports import Cluster
from tradai_operator.status.outcomes import left_nothing
from tradai_runner.contract import RunResult

_PASSPHRASE, _SPEC, _GIVEN = "passphrase", "spec", "given"
#: A run that never ends, of a passphrase that was the best known once: no later failure speaks against it.
_BEFORE: Final = "before"


@dataclass(frozen=True)
class Given:
    """A passphrase that runs were given; those of `runs` may have made a state with it, for all that they have said.

    One without any was the best known once.
    """

    passphrase: str
    runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class DestroyRecord:
    """The last applied spec, as plain JSON, and the passphrases of its state, the likeliest first."""

    spec: Mapping[str, Any]
    passphrase: str
    given: tuple[Given, ...] = ()

    def __repr__(self) -> str:
        return "DestroyRecord(***)"

    @property
    def passphrases(self) -> tuple[str, ...]:
        """All that may open the state, each once."""
        return tuple(dict.fromkeys((self.passphrase, *(given.passphrase for given in self.given))))

    def taking(self, env: Environment, passphrase: str, runs: Collection[str]) -> "DestroyRecord":
        """The record as those runs begin, with the spec that they build and the passphrase that they are given."""
        spec = env.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
        if passphrase == self.passphrase:
            return replace(self, spec=spec)
        before = next((given for given in self.given if given.passphrase == passphrase), Given(passphrase))
        others = tuple(given for given in self.given if given is not before)
        earlier = before.runs or ((_BEFORE,) if before in self.given else ())
        known = tuple(dict.fromkeys((*runs, *earlier)))
        return replace(self, spec=spec, given=(Given(passphrase, known), *others))

    def guarded(self, env: Environment) -> "DestroyRecord":
        """The same builds, under the guards that are in force now."""
        live = env.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
        return replace(self, spec=with_guards(self.spec, guards_of(live)))

    def after(self, result: RunResult) -> "DestroyRecord":
        """What the end of a run says about the passphrase that it was given.

        One that opened nothing, or touched nothing, has made no state; where no other may have, its passphrase goes.
        """
        told = next((given for given in self.given if result.run_id in given.runs), None)
        if told is None or result.operation != "up":
            return self
        others = tuple(given for given in self.given if given is not told)
        if result.outcome == "succeeded":
            return replace(self, passphrase=told.passphrase, given=(Given(self.passphrase), *others))
        if not (left_nothing(result) or (result.failure and result.failure.kind == "Passphrase")):
            return self
        left = tuple(run for run in told.runs if run != result.run_id)
        return replace(self, given=(Given(told.passphrase, left), *others) if left else others)


def first_record(env: Environment, passphrase: str) -> DestroyRecord:
    """The first record of an environment: nothing has opened a state yet, and there is nothing better."""
    return DestroyRecord({}, passphrase).taking(env, passphrase, ())


def name_of(uid: str) -> str:
    """The name of the Secret that holds the destroy record of the resource with that uid."""
    return f"tradai-capsule-{uid}"


async def load(cluster: Cluster, namespace: str, uid: str) -> DestroyRecord | None:
    """The kept record, or None; raises ClusterError."""
    data = await cluster.secret(namespace, name_of(uid))
    if data is None or _PASSPHRASE not in data:
        return None
    given = tuple(Given(found["passphrase"], tuple(found["runs"])) for found in json.loads(data.get(_GIVEN, "[]")))
    return DestroyRecord(json.loads(data.get(_SPEC, "{}")), data[_PASSPHRASE], given)


async def keep(cluster: Cluster, namespace: str, uid: str, record: DestroyRecord) -> None:
    """Writes the record; raises ClusterError."""
    spec = json.dumps(dict(record.spec), sort_keys=True)
    values = {_SPEC: spec, _PASSPHRASE: record.passphrase}
    if record.given:
        given = [{"passphrase": found.passphrase, "runs": list(found.runs)} for found in record.given]
        values[_GIVEN] = json.dumps(given)
    await cluster.write_secret(namespace, name_of(uid), values, owner=None)
