"""drift-monitor on a bucket, a table and a topic, with an MLflow that says what a test wants."""

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from drift_monitor import handler
from drift_monitor.windows import DAYS, live_prefix, reference_key
from shared import clients, http
from shared.drift import Drift, Drifts, Verdict

CHANCE = random.Random(17)  # noqa: S311 - samples, no secrets
TODAY = datetime.now(UTC).date()


class Registry:
    """An MLflow that knows champions, two models a page; `status` is another answer than 200."""

    def __init__(self) -> None:
        self.champions: dict[str, str | None] = {}
        self.status = 200

    def page(self, at: int) -> dict[str, Any]:
        two = list(self.champions.items())[at : at + 2]
        models = [
            {"name": name, "aliases": [{"alias": "champion", "version": version}] if version else []}
            for name, version in two
        ]
        more = {"next_page_token": str(at + 2)} if at + 2 < len(self.champions) else {}
        return {"registered_models": models, **more}


@pytest.fixture
def registry(deployed: Any) -> Iterator[Registry]:
    found = Registry()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            assert asked.path == "/mlflow/api/2.0/mlflow/registered-models/search"
            self.send_response(found.status)
            self.end_headers()
            at = int(parse_qs(asked.query).get("page_token", ["0"])[0])
            self.wfile.write(json.dumps(found.page(at) if found.status == 200 else {}).encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        login = json.dumps({"username": "u", "password": "p"})
        secret = deployed("secretsmanager").create_secret(Name=f"mlflow-{deployed.mark}", SecretString=login)
        deployed.set(
            MLFLOW_TRACKING_URI=f"http://127.0.0.1:{server.server_port}/mlflow",
            MLFLOW_CREDENTIALS_SECRET_ARN=secret["ARN"],
        )
        yield found
        server.shutdown()


class Estate:
    """Windows, verdicts and messages of one test."""

    def __init__(self, deployed: Any) -> None:
        self.s3, self.bucket = deployed("s3"), deployed.bucket("results")
        self.drifts = Drifts(deployed.table("drift-state").name)
        self.topic, self._heard = deployed.topic("alerts"), deployed.heard

    def put(self, key: str, shift: float, rows: int = 600) -> None:
        lines = [f"{CHANCE.gauss(0, 1)},{CHANCE.gauss(shift, 1)}" for _ in range(rows)]
        self.s3.put_object(
            Bucket=self.bucket, Key=key, Body=gzip.compress("\n".join(["rsi,prediction", *lines]).encode())
        )

    def reference(self, model: str, version: str = "1") -> None:
        self.put(reference_key(model, version), 0)

    def live(self, model: str, shift: float, days_ago: int = 0, version: str = "1", rows: int = 600) -> str:
        key = f"{live_prefix(model, version)}{TODAY - timedelta(days=days_ago)}/pascal-btc.csv.gz"
        self.put(key, shift, rows)
        return key

    def known(self, model: str) -> Drift:
        found = self.drifts.get(model)
        assert found
        return found

    def heard(self) -> list[str]:
        return [message["Subject"] for message in self._heard(self.topic)]


@pytest.fixture
def estate(deployed: Any, registry: Registry) -> Estate:
    handler.ENTRY.reset()
    return Estate(deployed)


def test_each_champion_gets_a_verdict_and_people_are_told_once(
    estate: Estate, registry: Registry, context: Any
) -> None:
    registry.champions = {"calm": "1", "far": "1", "new": "1", "bare": "1", "idle": None}
    for model in ("calm", "far", "new"):
        estate.reference(model)
    estate.live("calm", 0)
    estate.live("far", 2)
    found = {"none": ["calm"], "moderate": [], "significant": ["far"], "unknown": ["bare", "new"]}
    assert handler.handle({}, context) == found
    assert estate.heard() == ["[dev] drift of far 1: significant"]
    assert handler.handle({}, context) == found
    assert estate.heard() == []
    assert estate.known("bare").finding.why == ("there is no reference window: the training of a version writes it",)
    assert estate.known("far").finding.columns[0].column == "prediction"


def test_a_model_that_is_well_again_is_told_too(estate: Estate, registry: Registry, context: Any) -> None:
    registry.champions = {"m": "1"}
    estate.reference("m")
    estate.live("m", 2)
    handler.handle({}, context)
    estate.live("m", 0)
    handler.handle({}, context)
    assert estate.heard() == ["[dev] drift of m 1: significant", "[dev] drift of m 1: none"]


def test_a_new_champion_is_compared_with_its_own_reference(estate: Estate, registry: Registry, context: Any) -> None:
    registry.champions = {"m": "1"}
    estate.reference("m")
    estate.live("m", 2)
    handler.handle({}, context)
    registry.champions = {"m": "2"}
    handler.handle({}, context)
    assert estate.known("m").finding.verdict is Verdict.UNKNOWN
    assert len(estate.heard()) == 1


def test_only_the_days_of_the_window_count(estate: Estate, registry: Registry, context: Any) -> None:
    registry.champions = {"m": "1"}
    estate.reference("m")
    estate.live("m", 2, days_ago=DAYS)
    for days in range(DAYS):
        estate.live("m", 0, days_ago=days, rows=50)
    handler.handle({}, context)
    found = estate.known("m").finding
    assert (found.verdict, found.live_rows) == (Verdict.NONE, 50 * DAYS)
    assert (found.live_from, found.live_to) == (str(TODAY - timedelta(days=DAYS - 1)), str(TODAY))


def test_a_half_written_object_is_left_out_and_named(estate: Estate, registry: Registry, context: Any) -> None:
    registry.champions = {"m": "1"}
    estate.reference("m")
    estate.live("m", 0, days_ago=1)
    key = estate.live("m", 2)
    whole = estate.s3.get_object(Bucket=estate.bucket, Key=key)["Body"].read()
    estate.s3.put_object(Bucket=estate.bucket, Key=key, Body=whole[:-100])
    handler.handle({}, context)
    found = estate.known("m").finding
    assert (found.verdict, found.why) == (Verdict.NONE, (f"{key}: it is no whole gzip file",))


def test_a_reference_that_cannot_be_read_is_unknown(estate: Estate, registry: Registry, context: Any) -> None:
    registry.champions = {"m": "1"}
    estate.s3.put_object(Bucket=estate.bucket, Key=reference_key("m", "1"), Body=b"broken")
    assert handler.handle({}, context)["unknown"] == ["m"]
    assert estate.known("m").finding.why == ("the reference window cannot be read: it is no whole gzip file",)


def failing(service: str, call: str, when: str = "") -> None:
    """The first call with `when` in its parameters is throttled."""
    left = [1]

    def refuse(model: Any, params: Any, **_: Any) -> None:
        if left[0] and when in str(params):
            left[0] = 0
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, call)

    clients.client(service).meta.events.register(f"before-call.{service}.{call}", refuse)


@pytest.mark.parametrize("call", ["ListObjectsV2", "GetObject"])
def test_windows_that_could_not_be_asked_for_are_no_verdict_and_hinder_no_other_model(
    estate: Estate, registry: Registry, context: Any, call: str
) -> None:
    registry.champions = {"m": "1", "other": "1"}
    for model in registry.champions:
        estate.reference(model)
        estate.live(model, 2)
    failing("s3", call, "monitoring/m/")
    with pytest.raises(handler.UnfinishedError, match="no verdict on m:"):
        handler.handle({}, context)
    assert estate.drifts.get("m") is None
    assert estate.known("other").finding.verdict is Verdict.SIGNIFICANT
    assert handler.handle({}, context)["significant"] == ["m", "other"]
    assert len(estate.heard()) == 2


@pytest.mark.parametrize("status", [500, 401, 404])
def test_nothing_is_concluded_where_mlflow_does_not_answer(
    estate: Estate, registry: Registry, context: Any, status: int
) -> None:
    registry.champions, registry.status = {"m": "1"}, status
    with pytest.raises(http.UnansweredError):
        handler.handle({}, context)
    assert list(estate.drifts.table.scan()) == []


def test_a_message_that_was_not_taken_is_sent_by_the_next_call(
    estate: Estate, registry: Registry, context: Any
) -> None:
    registry.champions = {"m": "1"}
    estate.reference("m")
    estate.live("m", 2)
    failing("sns", "Publish")
    with pytest.raises(handler.UnfinishedError):
        handler.handle({}, context)
    assert estate.heard() == []
    handler.handle({}, context)
    handler.handle({}, context)
    assert len(estate.heard()) == 1


def test_of_two_calls_at_once_one_writes(estate: Estate, registry: Registry, context: Any) -> None:
    registry.champions = {"m": "1"}
    estate.reference("m")
    estate.live("m", 2)
    handler.handle({}, context)
    known = estate.known("m")
    assert estate.drifts.save(known)
    assert estate.drifts.save(known) is None


def test_the_model_that_was_looked_at_longest_ago_is_the_first(
    estate: Estate, registry: Registry, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.champions = {"a": "1", "b": "1", "c": "1"}
    handler.handle({}, context)
    registry.champions |= {"d": "1"}
    monkeypatch.setattr(handler, "_ENOUGH_SECONDS", 1_000)
    with pytest.raises(handler.UnfinishedError, match="a, b, c, d"):
        handler.handle({}, context)
    order = list(handler._longest_ago({name: estate.drifts.get(name) for name in registry.champions}))
    assert order == ["d", "a", "b", "c"]


def test_an_item_expires_by_a_whole_number(estate: Estate, registry: Registry, context: Any) -> None:
    registry.champions = {"m": "1"}
    handler.handle({}, context)
    item = estate.drifts.table.get("m")
    assert item and isinstance(item["expires_at"], int) and item["expires_at"] > datetime.now(UTC).timestamp()
