"""validate-strategy with table, bucket and strategy-service: a no is what is known, all else raises."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared import clients, http
from shared.configs import key
from shared.entry import RefusedError
from shared.http import UnansweredError
from shared.settings import SettingsError
from validate_strategy import handler

FAMILY = "arn:aws:ecs:eu-central-1:123456789012:task-definition/strategy-dev"
REQUEST = {
    "run_id": "j1",
    "job_id": "j1",
    "trace_id": "t",
    "strategy": "Momentum",
    "strategy_id": "momentum-1",
    "timeframe": "1h",
    "timerange": "20240101-20240201",
    "pairs": "BTC/USDT,ETH/USDT",
}
DEFAULTS = {
    "config_path": "/freqtrade/user_data/config.json",
    "experiment_name": "default",
    "task_definition": FAMILY,
}
HASH, OTHER = "a" * 64, "b" * 64
KNOWN = (200, {"name": "Momentum", "title": "more than we read"})


def event(**changes: Any) -> dict[str, Any]:
    return {"request": REQUEST | changes, "defaults": DEFAULTS}


@pytest.fixture
def service(web: Any, deployed: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """strategy-service, which knows the strategy."""
    handler.ENTRY.reset()
    monkeypatch.setattr(http, "_PAUSE_S", 0.001)
    deployed.set(STRATEGY_SERVICE_URL=web.url)
    web.answers(KNOWN)
    return web


@pytest.fixture
def register(service: Any, deployed: Any) -> Any:
    """Registers a configuration: hash, strategy, status, whether its text is there."""
    table, bucket = deployed.table("config-versions"), deployed.bucket("configs")

    def registered(hash_: str, strategy: str = "Momentum", status: str = "draft", *, text: bool = True) -> None:
        name = f"{strategy}-{hash_[:3]}"
        table.put_item(
            Item={"strategy_name": strategy, "config_id": name, "config_hash": hash_, "status": status, "by": "x"}
        )
        if text:
            deployed("s3").put_object(Bucket=bucket, Key=key(hash_), Body=b"{}")

    return registered


def refusals(context: Any, **changes: Any) -> list[str]:
    answer = handler.handle(event(**changes), context)
    assert answer["valid"] is False
    return list(answer["errors"])


def test_a_good_request_becomes_whole(register: Any, service: Any, context: Any) -> None:
    answer = handler.handle(event(), context)
    assert answer == {"valid": True, "errors": [], "request": REQUEST | DEFAULTS}
    assert [(method, path) for method, path, *_ in service.asked] == [("GET", "/api/v1/strategies/Momentum")]


def test_a_request_that_is_none_is_refused_before_anybody_is_asked(register: Any, service: Any, context: Any) -> None:
    assert refusals(context, timerange="20240101") == [
        "timerange: say two days as YYYYMMDD-YYYYMMDD, with both ends and without times"
    ]
    assert service.asked == []


def test_a_strategy_that_nobody_registered_is_refused(register: Any, service: Any, context: Any) -> None:
    service.answers((404, {"detail": "no such strategy"}))
    assert refusals(context)[0].startswith("strategy: nobody has registered it")


@pytest.mark.parametrize(
    "said",
    [(500, {}), (503, {}), (401, {}), (429, {}), (200, b"<html>"), (200, {}), (200, {"name": "Other"}), (302, {})],
)
def test_a_service_that_says_anything_else_is_not_one_that_knows_no_such_strategy(
    register: Any, service: Any, context: Any, said: Any
) -> None:
    service.answers(said)
    with pytest.raises(UnansweredError):
        handler.handle(event(), context)


def test_a_configuration_is_known_by_its_hash(register: Any, context: Any) -> None:
    register(HASH)
    register(HASH, strategy="Another")
    assert handler.handle(event(config_path=HASH), context)["request"]["config_path"] == HASH


def test_a_configuration_of_another_strategy_is_not_ours(register: Any, context: Any) -> None:
    register(HASH, strategy="Another")
    assert refusals(context, config_path=HASH)[0].startswith("config_path: the strategy has no configuration")


def test_the_active_one_is_pinned_to_its_hash(register: Any, context: Any) -> None:
    register(HASH, status="active")
    register(OTHER, status="retired")
    assert handler.handle(event(config_path="active"), context)["request"]["config_path"] == HASH


def test_none_or_two_active_ones_are_no_choice(register: Any, context: Any) -> None:
    assert "no active configuration" in refusals(context, config_path="active")[0]
    register(HASH, status="active")
    register(OTHER, status="active")
    assert "2 active configurations" in refusals(context, config_path="active")[0]


def test_a_configuration_without_its_text_is_refused(register: Any, context: Any) -> None:
    register(HASH, text=False)
    assert refusals(context, config_path=HASH)[0].startswith("config_path: the configuration's text is not in")


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown"])
def test_a_bucket_that_does_not_say_is_not_one_without_it(
    register: Any, context: Any, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    register(HASH)

    def refuses(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": "no word"}}, "ListObjectsV2")

    monkeypatch.setattr(clients.client("s3"), "list_objects_v2", refuses)
    with pytest.raises(ClientError, match="no word"):
        handler.handle(event(config_path=HASH), context)


def test_a_throttled_table_is_not_one_without_it(register: Any, deployed: Any, context: Any) -> None:
    register(HASH)
    throttled = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}}
    table = handler.ENTRY.ground.configs.table._table
    deployed.trouble(table.meta.client, "Query", lambda _: throttled)
    with pytest.raises(ClientError, match="slow down"):
        handler.handle(event(config_path=HASH), context)


def test_judged_twice_the_answer_is_the_same(register: Any, context: Any) -> None:
    register(HASH, status="active")
    first = handler.handle(event(config_path="active"), context)
    register(OTHER, status="active")
    assert handler.handle({"request": first["request"], "defaults": DEFAULTS}, context) == first


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, "request: Field required"),
        ({"request": "text", "defaults": DEFAULTS}, "request"),
        ({"request": REQUEST}, "defaults: Field required"),
        ({"request": REQUEST, "defaults": {}}, r"defaults\.task_definition"),
    ],
)
def test_what_is_no_event_is_refused_by_its_fields(register: Any, context: Any, wrong: Any, named: str) -> None:
    with pytest.raises(RefusedError, match=rf"not an event of ValidateStrategy: .*{named}"):
        handler.handle(wrong, context)


def test_missing_variables_are_named(deployed: Any, context: Any) -> None:
    handler.ENTRY.reset()
    with pytest.raises(SettingsError, match=r"CONFIG_VERSIONS_TABLE: .*S3_CONFIGS_BUCKET: .*STRATEGY_SERVICE_URL"):
        handler.handle(event(), context)
