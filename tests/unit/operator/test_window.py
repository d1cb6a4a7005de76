"""What the operator answers over HTTP: metrics, whether it is alive, whether it can do its work."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from lightkube import AsyncClient, KubeConfig
from lightkube.config.models import Cluster, User
from structlog.testing import capture_logs

from tests.fakes.bodies import body
from tests.fakes.cluster import FakeCluster
from tradai_operator.adapters.kubernetes import cluster as kube
from tradai_operator.adapters.kubernetes.cluster import KubeCluster
from tradai_operator.adapters.web import server as web
from tradai_operator.adapters.web.meters import Meters
from tradai_operator.adapters.web.server import Readiness, Window
from tradai_operator.adapters.web.telemetry import LiveTelemetry
from tradai_operator.ports import ClusterError, Ref
from tradai_runner.process.tracing import Tracing


class ApiServer(FakeCluster):
    async def served(self) -> None:
        self._answer()


@pytest.fixture
def cluster() -> ApiServer:
    return ApiServer(objects={"uid-1": body()})


@pytest.fixture
def known() -> set[str]:
    return set()


@pytest.fixture
def telemetry() -> LiveTelemetry:
    return LiveTelemetry(Meters("1"), Tracing())


@dataclass
class Election:
    """How long ago the operator led or stood by."""

    seconds: float = 0.0


@pytest.fixture
def election() -> Election:
    return Election()


@pytest.fixture
async def url(cluster: ApiServer, known: set[str], telemetry: LiveTelemetry, election: Election) -> AsyncIterator[str]:
    window = Window(Meters("1"), telemetry, Readiness(cluster, known.__contains__), lambda: election.seconds)
    server, address = await window.open("127.0.0.1:0")
    yield f"http://{address}"
    await server.cleanup()


async def ask(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, (await answer.text()).strip()


async def test_metrics_are_in_prometheus_own_format(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert 'tradai_operator_info{version="1"} 1.0' in await answer.text()


async def test_it_is_ready_once_every_environment_has_its_loop(url: str, known: set[str]) -> None:
    assert await ask(f"{url}/readyz") == (503, "1 of 1 environments are not watched yet")
    known.add("uid-1")
    assert await ask(f"{url}/readyz") == (200, "ok")


async def test_it_is_not_ready_while_the_api_server_does_not_serve_environments(url: str, cluster: ApiServer) -> None:
    cluster.broken = True
    status, text = await ask(f"{url}/readyz")
    assert status == 503
    assert text.startswith("the API server does not serve tradaienvironments.tradai.io: ")


async def test_once_ready_probes_are_cheap_and_few(url: str, cluster: ApiServer, known: set[str]) -> None:
    known.add("uid-1")
    for _ in range(5):
        assert (await ask(f"{url}/readyz"))[0] == 200
    assert cluster.asked == 1


async def test_a_server_that_fails_later_is_noticed(cluster: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_FRESH_SECONDS", 0.0)
    readiness = Readiness(cluster, lambda _: True)
    assert await readiness.trouble() is None
    cluster.broken = True
    assert "does not answer" in (await readiness.trouble() or "")


@pytest.mark.parametrize("address", ["8080", ":8080", "127.0.0.1", "127.0.0.1:http"])
async def test_an_address_without_host_or_port_is_refused(
    address: str, cluster: ApiServer, telemetry: LiveTelemetry
) -> None:
    window = Window(Meters("1"), telemetry, Readiness(cluster, lambda _: True), lambda: 0.0)
    with pytest.raises(ValueError, match="host:port"):
        await window.open(address)


async def test_the_operator_waits_for_a_definition_that_comes_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kube, "_SERVED_POLL_SECONDS", 0.0)
    answers = [ClusterError("not found"), ClusterError("not found"), None]

    class Late(KubeCluster):
        async def served(self) -> None:
            if (answer := answers.pop(0)) is not None:
                raise answer

    with capture_logs() as said:
        await Late(
            AsyncClient(KubeConfig.from_one(cluster=Cluster(server="http://127.0.0.1:1"), user=User()))
        ).until_served()
    assert answers == []
    assert [line["event"] for line in said] == ["waiting for the API server to serve environments"]


async def test_it_is_alive_unless_a_turn_never_ends(
    url: str, telemetry: LiveTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ask(f"{url}/healthz") == (200, "ok")
    with telemetry.turn(Ref("tradai", "dev", "uid-1")):
        assert await ask(f"{url}/healthz") == (200, "ok")
        monkeypatch.setattr(web, "STUCK_SECONDS", 0.0)
        assert (await ask(f"{url}/healthz"))[0] == 503


async def test_it_is_alive_unless_it_neither_leads_nor_stands_by(url: str, election: Election) -> None:
    election.seconds = web.SILENT_SECONDS
    assert await ask(f"{url}/healthz") == (200, "ok")
    election.seconds += 1.0
    assert await ask(f"{url}/healthz") == (503, "it has neither led nor stood by for 61 s")
