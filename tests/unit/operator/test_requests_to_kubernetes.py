"""What is asked of the API server, word for word: of which object, on top of what, and how long a watch may last."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, Final

import httpx2
import kopf
import pytest
import structlog
from lightkube import ApiError, AsyncClient, KubeConfig
from lightkube.config.models import Cluster, User
from lightkube.models.meta_v1 import Status

from tradai_operator.adapters.kubernetes import allowlist as rules
from tradai_operator.adapters.kubernetes import refusals
from tradai_operator.adapters.kubernetes.allowlist import WatchedAllowlist
from tradai_operator.adapters.kubernetes.cluster import KubeCluster
from tradai_operator.adapters.kubernetes.lease import KubeLease
from tradai_operator.adapters.kubernetes.secret_watch import SecretWatch
from tradai_operator.decide.settings import CONNECT_SECONDS, SILENT_SECONDS, WATCH_SECONDS
from tradai_operator.handlers.events import configure
from tradai_operator.lead.lease import LeaseRecord
from tradai_operator.model import keys
from tradai_operator.model.allowlist import KEY
from tradai_operator.ports import ConflictError, Ref, RefusedError
from tradai_operator.reconcile.bodies import stored

REF: Final = Ref("tradai", "dev", "uid-1")
CONFIG: Final = KubeConfig.from_one(cluster=Cluster(server="https://api"), user=User(token="t"))
TOO_OLD: Final[dict[str, Any]] = {
    "kind": "Status",
    "code": 410,
    "reason": "Expired",
    "message": "too old resource version: 1 (9)",
}
NOT_FOUND: Final = {"kind": "Status", "code": 404, "message": 'namespaces "tradai-system" not found'}


class Server:
    """Answers every request alike, and keeps what was asked."""

    def __init__(self, code: int = 200, body: Any = None) -> None:
        self.asked: list[httpx2.Request] = []
        self._answer = (code, body or {"metadata": {}})

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        code, body = self._answer
        return httpx2.Response(code, json=body)

    @property
    def client(self) -> AsyncClient:
        return AsyncClient(CONFIG, transport=httpx2.MockTransport(self), field_manager="us")

    @property
    def said(self) -> Any:
        return json.loads(self.asked[-1].content)


async def test_a_deletion_names_the_very_object() -> None:
    server = Server()
    await KubeCluster(server.client).delete(REF)
    (request,) = server.asked
    assert (request.method, request.url.path) == (
        "DELETE", f"/apis/{keys.API_VERSION}/namespaces/tradai/{keys.PLURAL}/dev"
    )  # fmt: skip
    assert server.said == {"preconditions": {"uid": "uid-1"}}


async def test_deleting_what_is_gone_is_done_and_what_is_another_is_a_conflict() -> None:
    await KubeCluster(Server(404, NOT_FOUND).client).delete(REF)
    other = {"kind": "Status", "code": 409, "message": "the UID in the precondition (uid-1) does not match uid-2"}
    with pytest.raises(ConflictError):
        await KubeCluster(Server(409, other).client).delete(REF)


@pytest.mark.parametrize(("before", "tested"), [((), None), (("a", "b"), ["a", "b"])])
async def test_finalizers_are_written_on_top_of_those_that_were_there_be_there_none(
    before: tuple[str, ...], tested: Any
) -> None:
    server = Server()
    await KubeCluster(server.client).write_finalizers(REF, before, (*before, keys.FINALIZER))
    assert [part for part in server.said if part["op"] == "test"] == [
        {"op": "test", "path": "/metadata/uid", "value": "uid-1"},
        {"op": "test", "path": "/metadata/finalizers", "value": tested},
    ]


async def test_the_answer_to_a_written_status_is_the_object_as_it_stands() -> None:
    status = {
        "phase": "Ready",
        "outputs": {"edge": {"n": 1.0, "nothing": None, "text": "ü", "list": [1, {"a": False}]}},
    }
    body = {
        "apiVersion": keys.API_VERSION,
        "kind": keys.KIND,
        "metadata": {"name": "dev", "namespace": "tradai", "uid": "uid-1", "resourceVersion": "12"},
        "spec": {"environment": "dev"},
        "status": status,
    }
    answered = await KubeCluster(Server(200, body).client).write_status(REF, status)
    assert stored(answered) == stored(body)
    assert stored(body).version == 12


Asks = Callable[[AsyncClient], Awaitable[Any]]
CREATING: Final[dict[str, Asks]] = {
    "a Secret": lambda client: KubeCluster(client).write_secret("tradai-system", "s", {}, None),
    "a record": lambda client: KubeCluster(client).write_record("tradai-system", "r", {}),
    "a Lease": lambda client: KubeLease("tradai-system", client).write(LeaseRecord("me", 1, 10.0), taken=True),
}


@pytest.mark.parametrize("what", CREATING)
async def test_what_has_no_place_to_be_made_in_is_refused_and_no_conflict(what: str) -> None:
    with pytest.raises(RefusedError, match="create that first"):
        await CREATING[what](Server(404, NOT_FOUND).client)


async def test_what_is_changed_and_not_there_is_a_conflict_still() -> None:
    with pytest.raises(ConflictError):
        await KubeCluster(Server(404, NOT_FOUND).client).write_status(REF, {})
    assert refusals.read(404, "gone")[0] is ConflictError


def test_every_watch_ends_in_time_and_is_left_soon_after_where_it_does_not() -> None:
    settings = kopf.OperatorSettings()
    configure(settings)
    watching = settings.watching
    assert isinstance(watching.server_timeout, int), "the API server takes no fraction"
    assert watching.server_timeout < watching.inactivity_timeout <= SILENT_SECONDS
    assert watching.client_timeout and watching.client_timeout > watching.server_timeout
    assert watching.connect_timeout == CONNECT_SECONDS
    assert SILENT_SECONDS + CONNECT_SECONDS <= 60.0, "README promises a minute and a half, and a list has to be read"


class Wire:
    """An HTTP client whose watches say something and then nothing any more, until a test has seen enough."""

    def __init__(self, *streams: list[dict[str, Any]]) -> None:
        self.streams = list(streams)
        self.lists = 0
        self.items: list[Any] | None = []
        self.watched: list[dict[str, str]] = []
        self.enough = asyncio.Event()

    async def get(self, _: str, **__: Any) -> Any:
        self.lists += 1
        body = {"metadata": {"resourceVersion": "10"}, "items": self.items}
        return SimpleNamespace(raise_for_status=lambda: None, json=lambda: body)

    @asynccontextmanager
    async def stream(self, *_: Any, params: dict[str, str], **__: Any) -> AsyncIterator[Any]:
        self.watched.append(params)
        if not self.streams:
            self.enough.set()
            await asyncio.Event().wait()
        yield SimpleNamespace(raise_for_status=lambda: None, aiter_lines=lambda: self._lines(self.streams.pop(0)))

    async def _lines(self, events: list[dict[str, Any]]) -> AsyncIterator[str]:
        for event in events:
            yield json.dumps(event)
        raise httpx2.ReadTimeout("nothing for a while")

    async def aclose(self) -> None:
        """Nothing is open."""


def event(kind: str, name: str, version: int) -> dict[str, Any]:
    return {"type": kind, "object": {"metadata": {"namespace": "n", "name": name, "resourceVersion": str(version)}}}


async def test_a_cluster_without_a_single_secret_is_watched() -> None:
    """Its list of metadata has null in the place of items."""
    watch, wire = SecretWatch(AsyncClient(CONFIG)), Wire()
    wire.items = None
    watch._http = wire  # type: ignore[assignment]
    task = asyncio.create_task(watch.run(lambda *_: None))
    await asyncio.wait({asyncio.ensure_future(wire.enough.wait()), task}, return_when=asyncio.FIRST_COMPLETED)
    assert wire.enough.is_set() and not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_watch_of_secrets_that_goes_silent_is_left_and_goes_on_where_it_was() -> None:
    watch, told = SecretWatch(AsyncClient(CONFIG)), list[str]()
    assert watch._http.timeout.read == SILENT_SECONDS
    wire = Wire([event("MODIFIED", "a", 11), event("BOOKMARK", "", 20)], [event("ADDED", "b", 21)])
    watch._http = wire  # type: ignore[assignment]
    task = asyncio.create_task(watch.run(lambda _, name: told.append(name)))
    await wire.enough.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert wire.lists == 1, "nothing is read anew"
    assert [words["resourceVersion"] for words in wire.watched] == ["10", "20", "21"]
    assert {words["timeoutSeconds"] for words in wire.watched} == {str(WATCH_SECONDS)}
    assert {words["allowWatchBookmarks"] for words in wire.watched} == {"true"}
    assert told == ["a", "b"]


async def test_a_watch_of_secrets_that_is_too_old_to_go_on_is_begun_anew_without_a_word() -> None:
    """What changed meanwhile is told, what did not is not; tests/integration has the API server's own answer."""
    watch, told = SecretWatch(AsyncClient(CONFIG)), list[str]()
    wire = Wire([event("ADDED", "a", 11)], [{"type": "ERROR", "object": TOO_OLD}])
    watch._http = wire  # type: ignore[assignment]
    with structlog.testing.capture_logs() as lines:
        task = asyncio.create_task(watch.run(lambda _, name: told.append(name)))
        await wire.enough.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert lines == []
    assert wire.lists == 2
    assert told == ["a", "a"], "what was made, and that it is gone by now"


def test_kopf_remembers_nothing_of_a_resource() -> None:
    settings = kopf.OperatorSettings()
    configure(settings)
    storage, seen = settings.persistence.diffbase_storage, kopf.Body({"spec": {"environment": "dev"}})
    assert (storage.build(body=seen), storage.fetch(body=seen)) == ({}, None)
    patch = kopf.Patch()
    storage.store(body=seen, patch=patch, essence=kopf.BodyEssence({}))
    assert not patch


class Rules:
    """A ConfigMap whose watch never says a word."""

    def __init__(self) -> None:
        self.text = "rules: []"
        self.watched: list[Any] = []

    async def get(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(data={KEY: self.text})

    async def watch(self, *_: Any, **words: Any) -> AsyncIterator[Any]:
        self.watched.append(words["server_timeout"])
        await asyncio.Event().wait()
        yield None


async def test_rules_are_read_anew_where_their_watch_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SILENT_SECONDS", 0.01)
    client, changed = Rules(), asyncio.Event()
    allowlist = WatchedAllowlist(client, "tradai-system")  # type: ignore[arg-type]
    await allowlist.open()
    task = asyncio.create_task(allowlist.watch(changed.set))
    client.text = "rules: [{namespaces: [tradai]}]"
    async with asyncio.timeout(20):
        await changed.wait()
        while len(client.watched) < 2:  # noqa: ASYNC110 - a fake client sends no event
            await asyncio.sleep(0.001)
    assert allowlist().rules
    assert set(client.watched) == {WATCH_SECONDS}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class TooOld(Rules):
    """A ConfigMap that nobody has written since the API server started; it goes while its watch is renewed."""

    def __init__(self) -> None:
        super().__init__()
        self.enough = asyncio.Event()

    async def get(self, *_: Any, **__: Any) -> Any:
        if self.watched:
            raise ApiError(status=Status(code=404))
        return await super().get()

    async def watch(self, *_: Any, **words: Any) -> AsyncIterator[Any]:
        self.watched.append(words["server_timeout"])
        if len(self.watched) > 1:
            self.enough.set()
            await asyncio.Event().wait()
        yield "ADDED", SimpleNamespace(data={KEY: self.text})
        raise ApiError(status=Status(code=TOO_OLD["code"], reason=TOO_OLD["reason"]))


async def test_a_watch_of_rules_that_is_too_old_to_go_on_is_begun_anew_at_once_and_without_a_word() -> None:
    client, told = TooOld(), list[str]()
    allowlist = WatchedAllowlist(client, "tradai-system")  # type: ignore[arg-type]
    await allowlist.open()
    assert allowlist().rules is not None
    with structlog.testing.capture_logs() as lines:
        task = asyncio.create_task(allowlist.watch(lambda: told.append("changed")))
        async with asyncio.timeout(rules._AGAIN_SECONDS):
            await client.enough.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [line["event"] for line in lines] == ["allowlist"], "what it read, and nothing of watches"
    assert (allowlist().rules, told) == (None, ["changed"]), "rules that went meanwhile are noticed"


class AgainAndAgain(Rules):
    """A ConfigMap whose watches end as soon as each has told what is there, as every new one begins with that."""

    def __init__(self) -> None:
        super().__init__()
        self.enough = asyncio.Event()

    async def watch(self, *_: Any, **words: Any) -> AsyncIterator[Any]:
        self.watched.append(words["server_timeout"])
        if len(self.watched) > 3:
            self.enough.set()
            await asyncio.Event().wait()
        yield "ADDED", SimpleNamespace(data={KEY: self.text})
        raise TimeoutError


async def test_a_thousand_environments_are_not_woken_by_rules_that_are_as_they_were() -> None:
    client, told = AgainAndAgain(), list[str]()
    allowlist = WatchedAllowlist(client, "tradai-system")  # type: ignore[arg-type]
    await allowlist.open()
    task = asyncio.create_task(allowlist.watch(lambda: told.append("changed")))
    async with asyncio.timeout(20):
        await client.enough.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert told == []
