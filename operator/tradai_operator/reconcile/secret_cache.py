"""The secrets of one environment as its loop has them: what the spec refers to, and what was kept for its destroy.

Reads each Secret once until somebody says that it changed. Must never tell a value, not even in a repr.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from typing import Any

from tradai_operator.decide.invalid import Invalid
from tradai_operator.decide.permission import serves
from tradai_operator.decide.settings import Settings
from tradai_operator.model import Environment, InvalidResource, Metadata
from tradai_operator.model.lenient import made_whole, suspended
from tradai_operator.ports import Cluster
from tradai_operator.reconcile import destroy_record
from tradai_operator.reconcile.secrets import SecretValues, read_secrets
from tradai_runner.contract import RunResult


class SecretCache:
    """Every method raises ClusterError but `forget`."""

    def __init__(self, cluster: Cluster, settings: Settings) -> None:
        self._cluster = cluster
        self._settings = settings
        self._values: SecretValues | None = None
        self._for_deletion = False
        self._record: destroy_record.DestroyRecord | None = None
        self._own = secrets.token_urlsafe(32)

    def forget(self) -> None:
        """A Secret that the spec refers to is another now."""
        self._values = None

    async def parse(self, meta: Metadata, body: Mapping[str, Any]) -> Environment | Invalid:
        """What a body declares: under deletion, with an invalid spec, its last valid one under the guards of both."""
        try:
            return Environment.parse(body)
        except InvalidResource as error:
            if (kept := await self.kept(meta)) is None:
                return Invalid(meta, str(error))
            whole = _made_whole(meta, body, kept)
            if meta.deleting or isinstance(whole, Invalid):
                return whole
            return Invalid(meta, str(error), kept=True, ending=None if suspended(body.get("spec")) else whole)

    async def read(self, env: Environment) -> SecretValues:
        """What the spec refers to; in a deletion, with all that was kept."""
        if not serves(self._settings, env.namespace):
            return SecretValues()
        if self._values is None or self._values.missing or self._for_deletion != env.deleting:
            self._for_deletion = env.deleting
            own = await self._own_passphrase(env)
            kept = await self.kept(env) if env.deleting else None
            self._values = await read_secrets(env, self._cluster, kept.passphrases if kept else (), own)
        return self._values

    async def _own_passphrase(self, env: Environment) -> str:
        """What seals the words of runs where a key opens the state: that of the runs before, else a new one."""
        if env.spec.state.secrets.awskms is None:
            return ""
        kept = await self.kept(env)
        return kept.passphrase if kept else self._own

    async def passphrases(self, env: Metadata, values: SecretValues) -> tuple[str, ...]:
        """What may open the outputs of a run: the Secret may be another by now, or gone."""
        kept = await self.kept(env)
        live = (values.passphrase,) if values.passphrase is not None else ()
        return tuple(dict.fromkeys((*live, *(kept.passphrases if kept else ()))))

    async def kept(self, env: Metadata) -> destroy_record.DestroyRecord | None:
        """What was kept when the last `up` began, None where none ever did."""
        if self._record is None:
            self._record = await destroy_record.load(self._cluster, self._settings.namespace, env.uid)
        return self._record

    async def keep(self, env: Environment, values: SecretValues, runs: Collection[str]) -> None:
        """Keeps what a destroy will need before those runs begin."""
        passphrase = values.passphrase or ""
        before = await self.kept(env) or destroy_record.first_record(env, passphrase)
        await self._put(env, before.taking(env, passphrase, runs), new=self._record is None)

    async def harden(self, env: Environment) -> None:
        """Keeps the guards that are in force now: a later spec may be one that nobody can read."""
        if kept := await self.kept(env):
            await self._put(env, kept.guarded(env))

    async def learn(self, env: Metadata, results: Iterable[RunResult]) -> None:
        """Keeps what the ends of runs say about their passphrases."""
        ups = [result for result in results if result.operation == "up"]
        if ups and (kept := await self.kept(env)):
            await self._put(env, reduce(destroy_record.DestroyRecord.after, ups, kept))

    async def _put(self, env: Metadata, fresh: destroy_record.DestroyRecord, *, new: bool = False) -> None:
        if new or fresh != self._record:
            await destroy_record.keep(self._cluster, self._settings.namespace, env.uid, fresh)
            self._record = fresh


def _made_whole(meta: Metadata, body: Mapping[str, Any], kept: destroy_record.DestroyRecord) -> Environment | Invalid:
    try:
        whole = Environment.parse({**body, "spec": made_whole(body.get("spec"), kept.spec)})
    except InvalidResource as error:
        return Invalid(meta, str(error), kept=True)
    return whole.model_copy(update={"made_whole": True})
