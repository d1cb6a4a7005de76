"""Environments that stand without ever having run: bodies with the status that the reconciler itself would write.

Each is led through its loop over the tests' fakes, whose runs end at once, so that every digest is a valid one. Must
never spell a status by hand: what a release adds to it would be missing.
"""

import asyncio
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from importlib.metadata import version
from typing import Any, Final

from lightkube import AsyncClient
from lightkube.types import PatchType

from tests.fakes.world import FakeClock, World
from tradai_operator.adapters.kubernetes.cluster import Resource
from tradai_operator.decide.settings import Settings
from tradai_operator.model import keys
from tradai_operator.reconcile.loop import Loop

NAMESPACE: Final = "tradai"
_PASSPHRASE: Final = ("tradai-state", "passphrase")
_AT_ONCE: Final = 16
_MOST_TURNS: Final = 50


def sample(name: str, environment: str, **spec: Any) -> dict[str, Any]:
    """A TradaiEnvironment of the sample blueprint, which holds our finalizer from the beginning.

    Nobody looks for its drift: what that costs is a figure of its own.
    """
    secret, key = _PASSPHRASE
    return {
        "apiVersion": keys.API_VERSION,
        "kind": keys.KIND,
        "metadata": {"name": name, "namespace": NAMESPACE, "finalizers": [keys.FINALIZER]},
        "spec": {
            "environment": environment,
            "blueprint": "sample",
            "aws": {"accountId": "123456789012", "region": "eu-central-1"},
            "state": {
                "backendUrl": "s3://tradai-pulumi-state-dev",
                "secrets": {"passphraseSecretRef": {"name": secret, "key": key}},
            },
            "deletionPolicy": "Everything",
            "approval": "Never",
            "drift": {"enabled": False},
            **spec,
        },
    }


def outputs(environment: str) -> dict[str, dict[str, Any]]:
    """What the sample's layers would export."""
    arn = "arn:aws:{}:eu-central-1:123456789012:{}"
    return {
        "store": {
            "table_name": f"sample-items-{environment}",
            "table_arn": arn.format("dynamodb", f"table/sample-items-{environment}"),
            "bucket_name": f"sample-files-{environment}-123456789012",
        },
        "work": {"topic_arn": arn.format("sns", f"sample-news-{environment}"), "queue_urls": []},
    }


async def status_of(body: Mapping[str, Any], passphrase: str, endpoint_url: str) -> dict[str, Any]:
    """The status with which that environment stands Ready; raises RuntimeError where it never gets there.

    At that endpoint of AWS, as the sandbox's operator has it: one with another would miss what the environment's runs
    have left there, and one without may not use a bucket that no rule permits.
    """
    world = World(clock=FakeClock(time.time()))
    world.executor.ended_at = time.time()
    secret, key = _PASSPHRASE
    world.cluster.secrets[NAMESPACE, secret] = {key: passphrase}
    uid = body["metadata"]["uid"]
    world.cluster.objects[uid] = deepcopy(dict(body))
    settings = Settings("tradai-system", version("tradai-environments"), "bench", endpoint_url)
    loop, exported = Loop(body, world.ports, settings), outputs(body["spec"]["environment"])
    for _ in range(_MOST_TURNS):
        loop.notice(world.cluster.objects[uid])
        await loop._turn()
        for layer in list(world.executor.live):
            world.executor.succeed(layer, exported[layer])
        status: dict[str, Any] = world.cluster.objects[uid].get("status", {})
        if status.get("phase") == "Ready":
            return status
    raise RuntimeError(f"{body['metadata']['name']} is not Ready after {_MOST_TURNS} turns: {status.get('message')}")


async def _put(client: AsyncClient, body: Mapping[str, Any], place: Mapping[str, str]) -> None:
    made = (await client.create(Resource.from_dict(dict(body)))).to_dict()
    stands = await status_of(made, place["PULUMI_CONFIG_PASSPHRASE"], place["AWS_ENDPOINT_URL"])
    status = [{"op": "add", "path": "/status", "value": stands}]
    name = body["metadata"]["name"]
    await client.patch(Resource.Status, name, status, namespace=NAMESPACE, patch_type=PatchType.JSON)


@contextmanager
def kubeconfig(path: str) -> Iterator[None]:
    """KUBECONFIG is that file meanwhile."""
    before = os.environ.get("KUBECONFIG")
    os.environ["KUBECONFIG"] = path
    try:
        yield
    finally:
        os.environ.pop("KUBECONFIG")
        os.environ |= {"KUBECONFIG": before} if before else {}


async def stand(bodies: Iterable[Mapping[str, Any]], place: Mapping[str, str]) -> None:
    """Creates them all, each with its status; no operator may be at work meanwhile. Needs KUBECONFIG.

    `place` are the variables of the sandbox.
    """
    client, free = AsyncClient(), asyncio.Semaphore(_AT_ONCE)

    async def put(body: Mapping[str, Any]) -> None:
        async with free:
            await _put(client, body, place)

    try:
        await asyncio.gather(*(put(body) for body in bodies))
    finally:
        await client.close()
