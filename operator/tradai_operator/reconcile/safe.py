"""The secrets of one environment as its loop has them: what the spec refers to, and what was kept for its destroy.

Reads each Secret once until somebody says that it changed. Must never tell a value, not even in a repr.
"""

from collections.abc import Mapping
from typing import Any

from tradai_operator.model import Environment, InvalidResource, Metadata
from tradai_operator.model.lenient import made_whole
from tradai_operator.reconcile import capsule
from tradai_operator.reconcile.allowed import serves
from tradai_operator.reconcile.ports import Cluster
from tradai_operator.reconcile.secrets import SecretValues, read_secrets
from tradai_operator.reconcile.settings import Settings


class Safe:
    """Every method raises ClusterError but `forget`."""

    def __init__(self, cluster: Cluster, settings: Settings) -> None:
        self._cluster = cluster
        self._settings = settings
        self._values: SecretValues | None = None
        self._capsule: capsule.Capsule | None = None

    def forget(self) -> None:
        """A Secret that the spec refers to is another now."""
        self._values = None

    async def environment(self, body: Mapping[str, Any]) -> Environment:
        """The environment of a body; one under deletion whose spec is invalid has its last valid one's, with guards.

        Raises InvalidResource.
        """
        try:
            return Environment.parse(body)
        except InvalidResource:
            meta = Metadata.parse(body)
            kept = await self.kept(meta) if meta.deleting else None
            if kept is None:
                raise
            return Environment.parse({**body, "spec": made_whole(body.get("spec"), kept.spec)})

    async def read(self, env: Environment) -> SecretValues:
        """What the spec refers to; in a deletion, what is gone is made up for by what was kept."""
        if not serves(self._settings, env.namespace):
            return SecretValues()
        if self._values is None or self._values.missing:
            kept = await self.kept(env) if env.deleting else None
            self._values = await read_secrets(env, self._cluster, kept.passphrase if kept else None)
        return self._values

    async def passphrase(self, env: Environment, values: SecretValues) -> str | None:
        """What opens the outputs of a run: where its Secret is gone meanwhile, what was kept when the run began."""
        if values.passphrase is not None:
            return values.passphrase
        kept = await self.kept(env)
        return kept.passphrase if kept else None

    async def kept(self, env: Metadata) -> capsule.Capsule | None:
        """What was kept when the last `up` began, None where none ever did."""
        if self._capsule is None:
            self._capsule = await capsule.load(self._cluster, self._settings.namespace, env.uid)
        return self._capsule

    async def keep(self, env: Environment, values: SecretValues) -> None:
        """Keeps what a destroy will need, where it differs from what is kept."""
        fresh = capsule.capsule_of(env, values.passphrase or "")
        if fresh != self._capsule:
            await capsule.keep(self._cluster, self._settings.namespace, env.uid, fresh)
            self._capsule = fresh
