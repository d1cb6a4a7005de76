"""One sandbox without operator for all integration tests of a session: a real API server, a real AWS endpoint.

Must never be changed by a test in a way that another would notice: each works under names of its own.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from lightkube import AsyncClient, KubeConfig

from tradai_operator.adapters.kubernetes.cluster import KubeCluster
from tradai_sandbox import lifecycle
from tradai_sandbox.layout import Layout
from tradai_sandbox.status import environment


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox that is up: its files, and the variables by which clients find it."""

    layout: Layout
    env: dict[str, str]

    @property
    def endpoint(self) -> str:
        """Where AWS answers."""
        return self.env["AWS_ENDPOINT_URL"]

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.layout.kubeconfig("admin")

    def client(self, service: str) -> Any:
        """A plain boto3 client of the endpoint."""
        make: Any = boto3.client  # its stubs know each service by a literal name
        return make(
            service,
            endpoint_url=self.endpoint,
            region_name="eu-central-1",
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
        )


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    root = tmp_path_factory.mktemp("sandbox")
    lifecycle.up(root, print, with_operator=False)
    try:
        yield RunningSandbox(Layout(root), environment(root))
    finally:
        lifecycle.down(root, print)


@pytest.fixture
async def cluster(sandbox: RunningSandbox) -> AsyncIterator[KubeCluster]:
    """The adapter as an operator process has it, with the operator's rights."""
    cluster = KubeCluster(AsyncClient(config=KubeConfig.from_file(sandbox.layout.kubeconfig("operator"))))
    yield cluster
    await cluster.close()
