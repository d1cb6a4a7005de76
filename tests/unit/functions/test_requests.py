"""What a request may say, and what is said of one that may not."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.entry import RefusedError
from shared.requests import (
    OVERRIDES,
    BacktestRequest,
    RetrainingRequest,
    check,
    named_job,
    read,
    sentence,
    variables,
    whole,
)

FAMILY = "arn:aws:ecs:eu-central-1:123456789012:task-definition/tradai-strategy-container-dev"
TODAY = date(2026, 11, 29)
GOOD = {"strategy": "PascalStrategy", "timeframe": "1h", "timerange": "20240101-20240201", "pairs": ["BTC/USDT"]}


def asked(**changes: object) -> BacktestRequest:
    return read(BacktestRequest, json.dumps(GOOD | changes))


def refusal(**changes: object) -> str:
    with pytest.raises(RefusedError) as told:
        check(asked(**changes), today=TODAY, family=FAMILY)
    return str(told.value)


@pytest.mark.parametrize(
    ("timerange", "why"),
    [
        ("20240101-20240101", "the first day must be before the last"),
        ("20240201-20240101", "the first day must be before the last"),
        ("202401011-20240201", "as YYYYMMDD-YYYYMMDD, with both ends and without times"),
        ("1704067200-1706745600", "as YYYYMMDD-YYYYMMDD, with both ends and without times"),
        ("1704067200000-1706745600000", "as YYYYMMDD-YYYYMMDD, with both ends and without times"),
        ("20240101-", "with both ends"),
        ("-20240101", "with both ends"),
        ("20240101", "with both ends"),
        ("", "with both ends"),
        ("20240101-20240201\n", "with both ends"),
        ("\uff12\uff10240101-20240201", "with both ends"),
        ("20240230-20240301", "days that the calendar has"),
        ("00000101-20240301", "days that the calendar has"),
        ("00240101-20240301", "not be before 20090103"),
        ("20240101-20261130", "must not be after today"),
    ],
)
def test_a_range_that_is_none_is_refused_with_what_to_say(timerange: str, why: str) -> None:
    told = refusal(timerange=timerange)
    assert told.startswith("timerange: ") and why in told
    assert not timerange or timerange not in told


def test_a_range_may_end_with_the_beginning_of_today() -> None:
    check(asked(timerange="20240101-20261129"), today=TODAY, family=FAMILY)


@given(st.dates(date(2009, 1, 3), TODAY), st.dates(date(2009, 1, 3), TODAY + timedelta(days=400)))
def test_any_two_days_are_a_range_where_the_first_comes_first_and_none_is_to_come(first: date, last: date) -> None:
    try:
        check(asked(timerange=f"{first:%Y%m%d}-{last:%Y%m%d}"), today=TODAY, family=FAMILY)
    except RefusedError:
        assert not first < last <= TODAY
    else:
        assert first < last <= TODAY


@pytest.mark.parametrize(
    ("pairs", "known"),
    [
        ("BTC/USDT,ETH/USDT", ("BTC/USDT", "ETH/USDT")),
        (["btc/usdt", " BTC/USDT "], ("BTC/USDT",)),
        ("BTC/USDT:USDT", ("BTC/USDT:USDT",)),
        (["1000PEPE/USDT:USDT", "ETH/USDT"], ("1000PEPE/USDT:USDT", "ETH/USDT")),
    ],
)
def test_pairs_are_a_list_or_a_text_with_commas(pairs: object, known: tuple[str, ...]) -> None:
    assert asked(pairs=pairs).pairs == known


@pytest.mark.parametrize(
    "pairs", ["", [], "BTCUSDT", ["BTC/USDT", 1], {"BTC/USDT": 1}, None, "BTC/USDT\u0000", "BTC/USDT,,", 7, ["BTC/"]]
)
def test_what_is_no_pair_is_refused(pairs: object) -> None:
    assert refusal(pairs=pairs).startswith("pairs")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("strategy", "Pascal Strategy"),
        ("strategy", "../../etc"),
        ("strategy", ""),
        ("strategy", "S\u0000"),
        ("strategy", "1Strategy"),
        ("strategy_id", "-x"),
        ("timeframe", "7m"),
        ("timeframe", "60"),
        ("experiment_name", "\u0000"),
        ("experiment_name", "x" * 201),
        ("config_path", "/etc/passwd"),
        ("config_path", "/freqtrade/user_data/../../etc/x.json"),
        ("config_path", "/freqtrade/user_data/.secret.json"),
        ("config_path", "/freqtrade/user_data/config.yaml"),
        ("task_definition", "strategy"),
        ("task_definition", FAMILY + "-other"),
        ("task_definition", FAMILY.replace("strategy-container", "live-trading") + ":3"),
        ("task_definition", FAMILY.replace("123456789012", "210987654321")),
        ("job_id", "a b"),
        ("job_id", "x" * 65),
        ("job_id", ""),
        ("command", "rm"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name_alone(field: str, value: str) -> None:
    told = refusal(**{field: value})
    assert told.startswith(f"{field}: ")
    assert len(value) < 3 or value not in told


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "null", "7", '"x"', "{", "\u0000", '{"strategy": NaN}', "[" * 9999]
)
def test_what_is_no_request_at_all_is_refused(body: str) -> None:
    with pytest.raises(RefusedError):
        read(BacktestRequest, body)
    assert named_job(body) is None


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-16", "replace")))
def test_any_body_is_a_request_or_refused(body: str) -> None:
    named_job(body)
    try:
        read(BacktestRequest, body)
    except RefusedError as error:
        assert 0 < len(str(error)) <= 1000
        assert str(error).isprintable()


@given(st.dictionaries(st.text(max_size=30), st.none() | st.integers() | st.text() | st.lists(st.text())))
def test_any_fields_beside_a_request_are_refused_in_a_sentence_that_prints(more: dict[str, object]) -> None:
    try:
        read(BacktestRequest, json.dumps(GOOD | more))
    except RefusedError as error:
        assert str(error).isprintable()


def test_a_revision_of_our_own_definition_may_be_named() -> None:
    for definition in (FAMILY, f"{FAMILY}:12"):
        check(asked(task_definition=definition), today=TODAY, family=FAMILY)
        check(asked(task_definition=definition), today=TODAY, family=f"{FAMILY}:3")


def test_a_whole_request_is_all_texts() -> None:
    told = whole(asked(pairs="BTC/USDT, ETH/USDT", experiment_name="e"), job_id="j", trace_id="t")
    assert told == {
        "run_id": "j",
        "job_id": "j",
        "trace_id": "t",
        "strategy": "PascalStrategy",
        "strategy_id": "PascalStrategy",
        "timeframe": "1h",
        "timerange": "20240101-20240201",
        "pairs": "BTC/USDT,ETH/USDT",
        "experiment_name": "e",
    }
    assert {"name": "PAIRS", "value": "BTC/USDT,ETH/USDT"} in variables(told)


def test_a_whole_request_is_a_request_again() -> None:
    told = whole(asked(), job_id="j", trace_id="t")
    again = {name: value for name, value in told.items() if name in BacktestRequest.model_fields}
    assert whole(read(BacktestRequest, json.dumps(again)), job_id="j", trace_id="t") == told


def test_more_pairs_than_a_task_takes_are_refused() -> None:
    pairs = [f"COIN{number}/USDT" for number in range(600)]
    with pytest.raises(RefusedError, match=f"pairs: too many; ECS takes {OVERRIDES} characters"):
        whole(asked(pairs=pairs), job_id="j", trace_id="t")


def test_a_named_job_is_found_in_a_request_that_is_wrong() -> None:
    assert named_job('{"job_id": "mine", "strategy": 7}') == "mine"
    assert named_job('{"job_id": "not mine"}') is None
    assert named_job('{"job_id": 7}') is None


def test_a_model_is_trained_as_it_was_where_nothing_else_is_said() -> None:
    last = whole(asked(experiment_name="e"), job_id="j", trace_id="t", model_name="m")
    message = read(RetrainingRequest, '{"model_name": "m", "timerange": "20250101-20250201"}')
    request = message.over(last)
    assert (request.timerange, request.strategy, request.experiment_name) == (
        "20250101-20250201",
        "PascalStrategy",
        "e",
    )


def test_a_model_that_was_never_trained_has_to_be_described() -> None:
    with pytest.raises(RefusedError, match=r"no earlier training to go by: .*strategy: Field required"):
        read(RetrainingRequest, '{"model_name": "m"}').over({})


def test_the_rules_are_a_schema_for_others() -> None:
    schema = BacktestRequest.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["timerange"]["pattern"] == "^[0-9]{8}-[0-9]{8}$"
    assert schema["required"] == ["strategy", "timeframe", "timerange", "pairs"]
    assert "1h" in schema["properties"]["timeframe"]["enum"]


@given(st.text(max_size=2000))
def test_a_sentence_prints_and_ends(text: str) -> None:
    assert len(sentence(text)) <= 1000
    assert sentence(text).isprintable() or not text
