"""Drives one environment's loop by hand over fakes.

Must never look at what a loop decides: tests do.
"""

from typing import Any

from tests.fakes.bodies import with_secrets
from tests.fakes.world import World
from tradai_operator.decide.settings import Settings
from tradai_operator.reconcile.loop import Loop

SETTINGS = Settings(namespace="tradai-system", program_version="1", cluster="c-1", endpoint_url="http://127.0.0.1:1")
PERSISTENT = {"ecr_repository_arns": {"backend": "arn:1"}}
FOUNDATION = {"vpc_id": "vpc-1"}


class Drive:
    """Turns a loop by hand, feeding it the object as the cluster has it."""

    def __init__(self, world: World, start: dict[str, Any]) -> None:
        self.world = world
        with_secrets(world.cluster)
        self.uid = start["metadata"]["uid"]
        world.cluster.objects[self.uid] = start
        self.loop = Loop(start, world.ports, SETTINGS)

    @property
    def body(self) -> dict[str, Any]:
        return self.world.cluster.objects[self.uid]

    @property
    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.body["status"]
        return status

    def condition(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = next(c for c in self.status["conditions"] if c["type"] == kind)
        return found

    def layer(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(layer for layer in self.status["layers"] if layer["name"] == name)
        return found

    async def turn(self, times: int = 1) -> float | None:
        wake: float | None = None
        for _ in range(times):
            if self.uid in self.world.cluster.objects:
                self.loop.notice(self.body)
            wake = await self.loop._turn()
        return wake

    async def put(self, new: dict[str, Any]) -> None:
        self.world.cluster.objects[self.uid] = new | {"status": self.body.get("status", {})}
        await self.turn()

    def restart(self, settings: Settings = SETTINGS) -> None:
        """Another operator process, which knows what the cluster knows."""
        self.loop = Loop(self.body, self.world.ports, settings)

    async def build(self) -> None:
        """All the way to Ready."""
        await self.turn(2)
        self.world.executor.succeed("persistent", PERSISTENT, cognito_m2m_client_secret="s3cr3t")
        self.world.executor.succeed("foundation", FOUNDATION)
        await self.turn()
        self.world.executor.succeed("compute", {"alb_dns_name": "alb.local"})
        await self.turn()
        self.world.executor.succeed("edge", {"api_gateway_endpoint": "https://api.local"})
        await self.turn()
