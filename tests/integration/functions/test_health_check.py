"""health-check on a deployed table, with services that answer on the loopback."""

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from health_check import handler
from health_check.logic import RULE
from shared import clients
from shared.health import HealthState, Status
from shared.settings import SettingsError

#: Each service's variable; `mlflow` has the path of its API in its address.
VARIABLES = {
    "backend-api": "BACKEND_API_URL",
    "data-collection": "DATA_COLLECTION_URL",
    "strategy-service": "STRATEGY_SERVICE_URL",
    "live-trading": "LIVE_TRADING_URL",
    "dry-run-trading": "DRY_RUN_TRADING_URL",
    "mlflow": "MLFLOW_TRACKING_URI",
}
STANDING = {"backend-api", "data-collection", "strategy-service", "mlflow"}


class Services(http.server.ThreadingHTTPServer):
    """Answers for all of them: `codes` by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.codes: dict[str, int] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answering(http.server.BaseHTTPRequestHandler):
    server: Services

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.codes.get(self.path, 200))
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def services() -> Iterator[Services]:
    server = Services()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Says of names what the VPC's resolver says, whatever this machine's own does."""
    whole = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **also: Any) -> Any:
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if str(host).endswith(".nowhere"):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return whole(host, *more, **also)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture
def heard(deployed: Any) -> Any:
    """The queue that hears the alerts."""
    return deployed.topic("alerts")


@pytest.fixture
def state(deployed: Any, services: Services, heard: Any) -> HealthState:
    """All stand and are well but for trading, which is not meant to run and has no name."""
    handler.ENTRY.reset()
    deployed.set(STANDING_SERVICES=",".join(sorted(STANDING)))
    deployed.set(**{VARIABLES[name]: services.url for name in STANDING})
    deployed.set(MLFLOW_TRACKING_URI=f"{services.url}/mlflow")
    deployed.set(**{VARIABLES[name]: f"http://{name}.invalid:8004" for name in ("live-trading", "dry-run-trading")})
    return HealthState(deployed.table("health-state").name)


def kinds(deployed: Any, heard: Any) -> list[str]:
    return [message["MessageAttributes"]["kind"]["Value"] for message in deployed.heard(heard)]


def calls(context: Any, number: int) -> list[Any]:
    return [handler.handle({"id": f"{context.aws_request_id}-{at}"}, context) for at in range(number)]


def test_every_service_is_asked_at_its_own_path_and_has_an_item(
    state: HealthState, services: Services, context: Any, deployed: Any, heard: Any
) -> None:
    told = handler.handle({"id": "1"}, context)
    assert told == {"healthy": sorted(STANDING), "unhealthy": [], "idle": ["dry-run-trading", "live-trading"]}
    assert sorted(set(services.asked)) == ["/api/v1/health", "/mlflow/"]
    assert {name: state.get(name).status for name in VARIABLES} == {
        name: Status.HEALTHY if name in STANDING else Status.IDLE for name in VARIABLES
    }
    assert kinds(deployed, heard) == []


def test_people_are_told_once_when_it_goes_down_and_once_when_it_is_back(
    state: HealthState, services: Services, context: Any, deployed: Any, heard: Any
) -> None:
    services.codes["/mlflow/"] = 503
    calls(context, RULE.failures - 1)
    assert kinds(deployed, heard) == []
    for _ in range(3):
        handler.handle({}, context)
    assert state.get("mlflow").status is Status.UNHEALTHY
    assert kinds(deployed, heard) == ["service-unhealthy"]
    services.codes.clear()
    for _ in range(RULE.successes + 1):
        handler.handle({}, context)
    assert state.get("mlflow").status is Status.HEALTHY
    assert kinds(deployed, heard) == ["service-recovered"]


def test_a_redirect_is_no_health(state: HealthState, services: Services, context: Any) -> None:
    services.codes["/api/v1/health"] = 302
    calls(context, RULE.failures)
    assert state.get("backend-api").status is Status.UNHEALTHY
    assert "/elsewhere" not in services.asked


def test_one_that_is_meant_to_run_is_down_where_nobody_listens_or_its_name_leads_nowhere(
    state: HealthState, deployed: Any, context: Any
) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        deployed.set(BACKEND_API_URL=f"http://127.0.0.1:{bound.getsockname()[1]}")
        deployed.set(DATA_COLLECTION_URL="http://data-collection.invalid:8002")
        calls(context, RULE.failures)
    assert state.get("backend-api").status is Status.UNHEALTHY
    assert "does not answer" in state.get("backend-api").detail
    assert state.get("data-collection").status is Status.UNHEALTHY
    assert "name leads to no task" in state.get("data-collection").detail


def test_a_resolver_that_does_not_answer_says_nothing_of_a_service(
    state: HealthState, deployed: Any, context: Any
) -> None:
    deployed.set(BACKEND_API_URL="http://backend-api.nowhere:8000")
    for _ in range(RULE.failures):
        with pytest.raises(handler.UnfinishedError, match="backend-api"):
            handler.handle({}, context)
    assert state.get("backend-api").watch.failures == 0
    assert state.get("mlflow").status is Status.HEALTHY


def test_an_event_that_comes_twice_counts_once(state: HealthState, services: Services, context: Any) -> None:
    services.codes["/mlflow/"] = 500
    for _ in range(RULE.failures):
        handler.handle({"id": "the same"}, context)
    assert state.get("mlflow").watch.failures == 1


def fails_once(service: str) -> None:
    """The next call of a service's client fails."""
    refused: list[bool] = []

    def refuse(**_: Any) -> None:
        if not refused:
            refused.append(True)
            raise ConnectionError("throttled")

    clients.client(service).meta.events.register("before-call", refuse)


def test_who_could_not_be_told_is_told_by_the_next_call(
    state: HealthState, services: Services, context: Any, deployed: Any, heard: Any
) -> None:
    services.codes["/mlflow/"] = 500
    calls(context, RULE.failures - 1)
    fails_once("sns")
    with pytest.raises(handler.UnfinishedError, match="mlflow"):
        handler.handle({"id": "last"}, context)
    assert state.get("mlflow").status is Status.UNHEALTHY
    handler.handle({"id": "last"}, context)  # as Lambda does: the same event again
    handler.handle({"id": "one more"}, context)
    assert kinds(deployed, heard) == ["service-unhealthy"]


def test_of_two_calls_at_once_one_counts(state: HealthState) -> None:
    before = state.get("mlflow")
    assert state.save(before, before.model_copy(update={"detail": "a"}))
    assert state.save(before, before.model_copy(update={"detail": "b"})) is None
    assert state.get("mlflow").detail == "a"


def test_an_item_expires_in_whole_seconds(state: HealthState, context: Any) -> None:
    handler.handle({}, context)
    assert isinstance(state.table.get("mlflow")["expires_at"], int)  # type: ignore[index]


def test_a_missing_variable_is_named(deployed: Any, context: Any) -> None:
    handler.ENTRY.reset()
    with pytest.raises(SettingsError, match="HEALTH_STATE_TABLE"):
        handler.handle({}, context)
