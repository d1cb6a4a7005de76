"""The composition root: reads the environment, makes the adapters, starts kopf.

The only place where ports meet adapters. Must never hold a rule.
"""

import asyncio
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import kopf
import structlog

from tradai_operator.adapters.aws.archive import BucketArchive
from tradai_operator.adapters.aws.ecr import EcrImages
from tradai_operator.adapters.aws.stacks import BucketStacks
from tradai_operator.adapters.kubernetes.allowlist import WatchedAllowlist
from tradai_operator.adapters.kubernetes.cluster import KubeCluster
from tradai_operator.adapters.kubernetes.definition import KubeDefinition, wanted
from tradai_operator.adapters.kubernetes.lease import KubeLease, identity
from tradai_operator.adapters.kubernetes.secret_watch import SecretWatch
from tradai_operator.adapters.process import logs, machine
from tradai_operator.adapters.process.clock import SystemClock
from tradai_operator.adapters.process.ending import end_within
from tradai_operator.adapters.process.together import together
from tradai_operator.adapters.runs.executors import executor_from
from tradai_operator.adapters.runs.local import LocalExecutor
from tradai_operator.adapters.web.meters import Meters
from tradai_operator.adapters.web.notifier import PeopleNotifier
from tradai_operator.adapters.web.server import Readiness, Window
from tradai_operator.adapters.web.telemetry import LiveTelemetry, WatchedImages
from tradai_operator.decide.settings import Settings
from tradai_operator.handlers.events import register
from tradai_operator.handlers.fleet import Fleet
from tradai_operator.lead.fenced import FencedCluster, FencedExecutor, FencedStacks
from tradai_operator.lead.leader import Leader
from tradai_operator.model.crd import custom_resource_definition
from tradai_operator.ports import Clock, ClusterError
from tradai_operator.reconcile.shared import Ports
from tradai_operator.schedule.budget import budget_mib
from tradai_operator.schedule.places import Places
from tradai_runner.process.tracing import open_tracing
from tradai_runner.process.writes import arm

if TYPE_CHECKING:
    from tradai_operator.adapters.runs.away import Away

_NAME = "tradai-operator"
#: A port of its own that nobody else can reach; the first log line tells it.
_ANY_ADDRESS = "127.0.0.1:0"
_log = structlog.get_logger("tradai_operator")
_ASK_AGAIN_SECONDS = 2.0
_GIVE_BACK_SECONDS = 60.0
#: Less than what Kubernetes grants a pod; runs go on.
_END_SECONDS = 25.0


def settings_from(environment: "os._Environ[str] | dict[str, str]", cluster: str) -> Settings:
    """The operator's settings from its environment variables; raises KeyError with the variable that lacks.

    `cluster` is the identity of the cluster.
    """
    return Settings(
        namespace=environment["TRADAI_OPERATOR_NAMESPACE"],
        program_version=version("tradai-environments"),
        cluster=cluster,
        endpoint_url=environment.get("AWS_ENDPOINT_URL") or None,
        secret_namespaces=frozenset(_words(environment.get("TRADAI_SECRET_NAMESPACES", ""))),
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _journals() -> Path:
    path = Path(os.environ.get("TRADAI_JOURNAL_DIR", "journal")).absolute()
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


async def _identity(cluster: KubeCluster) -> str:
    """Waits for an API server that does not answer yet: nothing may be run in the name of no cluster."""
    while True:
        try:
            return await cluster.identity()
        except ClusterError as error:
            _log.warning("waiting for the API server", why=str(error))
            await asyncio.sleep(_ASK_AGAIN_SECONDS)


async def _give_back() -> None:
    """What a burst of environments took is the machine's again soon after."""
    worked = machine.Worked()
    while True:
        await asyncio.sleep(_GIVE_BACK_SECONDS)
        if worked():
            await asyncio.to_thread(machine.give_back)


def _away(cluster: KubeCluster) -> "Away | None":
    """Only where this operator is a pod: boto3 takes memory that not every operator needs."""
    if not all(os.environ.get(name) for name in ("TRADAI_POD_NAME", "TRADAI_POD_UID")):
        return None
    from tradai_operator.adapters.runs.away import Away, KubePods

    return Away(os.environ, KubePods(cluster.client))


def _ports(
    cluster: KubeCluster, leader: Leader, allowlist: WatchedAllowlist, clock: Clock, telemetry: LiveTelemetry
) -> Ports:
    """Every adapter in its place; whatever starts or writes asks `leader` first."""
    local = LocalExecutor(_journals(), tracing=telemetry.tracing, away=_away(cluster))
    executor = executor_from(os.environ, local, telemetry.tracing, cluster.client)
    at_home = executor.name == local.name
    budget = budget_mib(os.environ, machine.memory_mib(), machine.cores(), local=at_home)
    places = Places(budget, telemetry.meters.queue.waited)
    telemetry.meters.queue.watch(lambda: leader.leads, places)
    return Ports(
        FencedCluster(cluster, leader),
        executor=FencedExecutor(executor, leader),
        clock=clock,
        images=WatchedImages(EcrImages(), telemetry.meters),
        telemetry=telemetry,
        notifier=PeopleNotifier(),
        archive=BucketArchive(),
        stacks=FencedStacks(BucketStacks(), leader),
        allowlist=allowlist,
        places=places,
    )


async def serve() -> None:
    """Runs until a signal; raises KeyError where a variable lacks, OSError where its address is taken."""
    cluster = KubeCluster()
    settings = settings_from(os.environ, await _identity(cluster))
    tracing, meters = open_tracing(_NAME, os.environ), Meters.chosen(os.environ, settings.program_version)
    telemetry = LiveTelemetry(meters, tracing)
    clock, lease = SystemClock(), KubeLease(settings.namespace)
    leader, allowlist = Leader(lease, clock, identity()), WatchedAllowlist(cluster.client, settings.namespace)
    ports = _ports(cluster, leader, allowlist, clock, telemetry)
    fleet, registry = Fleet(ports, settings), kopf.OperatorRegistry()
    register(registry, fleet)
    window = Window(meters, telemetry, Readiness(cluster, fleet.knows), lambda: leader.silent)
    server, address = await window.open(os.environ.get("TRADAI_METRICS_ADDRESS") or _ANY_ADDRESS)
    _log.info("operator starts", home=settings.namespace, version=settings.program_version, metrics=address)
    try:
        if wanted(os.environ):
            await KubeDefinition(cluster.client, custom_resource_definition()).keep()
        await cluster.until_served()
        await allowlist.open()
        await together(
            kopf.operator(registry=registry, clusterwide=True),
            leader.run(fleet.lead, fleet.follow),
            allowlist.watch(fleet.wake),
            _give_back(),
            SecretWatch(cluster.client, settings.secret_namespaces).run(fleet.secret_changed),
            ending=lambda: end_within(_END_SECONDS),
        )
    finally:
        await lease.close()
        await server.cleanup()
        await cluster.close()
        tracing.close()


def main() -> None:
    """The command `tradai-operator`; what ends it is a log line as well."""
    logs.configure(os.environ)
    arm("operator", os.environ)
    machine.spare_the_collector()
    try:
        asyncio.run(serve())
    except Exception:
        _log.exception("operator ends")
        sys.exit(1)
