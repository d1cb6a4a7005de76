"""Gathers what the decision about one environment is given, and decides again where it asked to look first.

Who else claims the environment is looked up before the first run or release, and never again once nobody goes before.
Must never act, nor change what was decided.
"""

from collections.abc import Callable
from dataclasses import replace

from tradai_operator.decide import adoption
from tradai_operator.decide.claims import rival_of
from tradai_operator.decide.decision import Decision, Expire, Release, StartRun
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.next_step import decide, expired
from tradai_operator.decide.permission import not_permitted
from tradai_operator.decide.requests import registry_of
from tradai_operator.decide.settings import Settings
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.reconcile.estate import Estate
from tradai_operator.reconcile.lookups import Lookups
from tradai_operator.reconcile.secret_cache import SecretCache
from tradai_operator.reconcile.secrets import SecretValues
from tradai_operator.reconcile.shared import Ports
from tradai_operator.reconcile.turn import Heard, Judged


class Judge:
    """One environment's."""

    def __init__(self, ports: Ports, settings: Settings, secret_cache: SecretCache, wake: Callable[[], None]) -> None:
        self._ports = ports
        self._settings = settings
        self._secret_cache = secret_cache
        self._estate = Estate(ports.stacks, ports.clock, settings)
        self._images = Lookups(ports.images, ports.clock, wake)
        self._first_claim_seen = False
        self._unknown = ""
        self._since = ports.clock.now()

    def forget(self) -> None:
        """A person asks to try again: what was seen of images counts no longer."""
        self._images.forget()

    def close(self) -> None:
        """Nothing is looked for any more."""
        self._images.close()

    @property
    def again_at(self) -> float | None:
        """When the state bucket is to be asked again, seconds since the epoch; None where nothing is open."""
        return self._estate.again_at

    async def consult(self, env: Environment, status: EnvironmentStatus, *, fresh: bool = False) -> EnvironmentStatus:
        """The status with what the state bucket has to say; where it may not be asked, as it is."""
        self._unknown = ""
        if self._refusal(env, status):
            return status
        status, self._unknown = await self._estate.consult(env, status, fresh=fresh)
        return status

    async def judge(self, heard: Heard) -> Judged:
        """The decision on all that is known; the bucket is asked anew before anything begins on an old word of it.

        Raises ClusterError.
        """
        env, status = heard.env, heard.status
        with self._ports.telemetry.deciding():
            decision = await self._decide(env, status, heard.secrets)
            if self._guesses(decision):
                status = await self.consult(heard.declared, status, fresh=True)
                env = adoption.held(heard.declared, status)
                decision = await self._decide(env, status, heard.secrets)
        return Judged(env, status, adoption.with_unmet(status, decision), heard.secrets)

    def _guesses(self, decision: Decision) -> bool:
        """Whether it begins something that the bucket was not asked about just now."""
        return not self._estate.sure and any(isinstance(action, StartRun | Expire) for action in decision.actions)

    async def _decide(self, env: Environment, status: EnvironmentStatus, secrets: SecretValues) -> Decision:
        facts = await self._facts(env, status, secrets)
        decision = decide(env, status, facts)
        if decision.asks:
            await self._estate.look(env, status)
            facts = replace(facts, stacks=self._estate.facts, now=self._ports.clock.now())
            decision = decide(env, status, facts)
        if decision.looks and await self._images.look(registry_of(env, self._settings), decision.looks):
            facts = replace(facts, images=self._images.facts, now=self._ports.clock.now())
            decision = decide(env, status, facts)
        claims = any(isinstance(action, StartRun | Release) for action in decision.actions)
        if not claims or self._first_claim_seen:
            return decision
        rival = rival_of(env, status, await self._ports.cluster.environments())
        self._first_claim_seen = rival is None
        return decide(env, status, replace(facts, rival=rival)) if rival else decision

    async def _facts(self, env: Environment, status: EnvironmentStatus, secrets: SecretValues) -> Facts:
        now = self._ports.clock.now()
        goes = env.deleting or (status.guards is None and expired(env, now))
        return Facts(
            now=now,
            blueprint=env.spec.declaration,
            program_version=self._settings.program_version,
            secrets=secrets.facts(),
            images=self._images.facts,
            since=self._since,
            refused=self._refusal(env, status),
            unknown=self._unknown,
            no_bucket=self._estate.no_bucket,
            stacks=self._estate.facts,
            cluster=self._settings.cluster,
            place=self._estate.place(env),
            began=goes and await self._secret_cache.kept(env) is not None,
        )

    def _refusal(self, env: Environment, status: EnvironmentStatus) -> str:
        return not_permitted(env, status, self._ports.allowlist(), self._settings)
