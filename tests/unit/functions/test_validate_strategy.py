"""Whether a request is one, and what makes it whole."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.configs import ConfigVersion, Stage
from shared.deployed import DEPLOYED
from shared.entry import RefusedError
from validate_strategy.logic import (
    Answer,
    Defaults,
    Strategy,
    ValidateStrategy,
    completed,
    named_config,
    pinned,
    shaped,
)

TODAY = date(2026, 12, 1)
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
DEFAULTS = Defaults(
    config_path=DEPLOYED.strategy_defaults["CONFIG_PATH"], experiment_name="default", task_definition=FAMILY
)
KNOWN = Strategy(name="Momentum")
HASH = "a" * 64
LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
JSON = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))


def event(request: Any = None, **changes: Any) -> ValidateStrategy:
    given = REQUEST | changes if request is None else request
    return ValidateStrategy.model_validate({"request": given, "defaults": DEFAULTS.model_dump()})


def texts(**changes: Any) -> dict[str, str]:
    found = shaped(event(**changes), TODAY)
    assert not isinstance(found, Answer), found.errors
    return found


def errors(request: Any = None, **changes: Any) -> tuple[str, ...]:
    found = shaped(event(request, **changes), TODAY)
    assert isinstance(found, Answer)
    assert not found.valid
    return found.errors


def test_a_request_is_filled_with_what_it_left_out() -> None:
    assert completed(texts(), DEFAULTS, KNOWN, None) == Answer(
        valid=True, errors=(), request=REQUEST | DEFAULTS.model_dump()
    )


def test_what_it_says_itself_stays() -> None:
    own = {
        "config_path": "/freqtrade/user_data/other.json",
        "experiment_name": "mine",
        "task_definition": f"{FAMILY}:3",
    }
    strategy = Strategy(name="Momentum", task_definition=f"{FAMILY}:9")
    assert completed(texts(**own), DEFAULTS, strategy, None).request == REQUEST | own


def test_a_strategy_may_run_by_a_revision_of_its_own() -> None:
    answer = completed(texts(), DEFAULTS, Strategy(name="Momentum", task_definition=f"{FAMILY}:9"), None)
    assert answer.request["task_definition"] == f"{FAMILY}:9"


@pytest.mark.parametrize("own", [FAMILY.replace("strategy", "other"), "strategy-dev", "arn:aws:iam::1:role/x"])
def test_but_not_by_anything_else(own: str) -> None:
    answer = completed(texts(), DEFAULTS, Strategy(name="Momentum", task_definition=own), None)
    assert not answer.valid
    assert any("task_definition: " in each for each in answer.errors)


def test_every_value_becomes_a_text() -> None:
    found = texts(pairs=["btc/usdt", "ETH/USDT"], experiment_name=None)
    assert found["pairs"] == "BTC/USDT,ETH/USDT"
    assert all(isinstance(value, str) for value in found.values())


def test_what_else_it_brings_is_handed_on() -> None:
    assert texts(model_name="m")["model_name"] == "m"
    assert errors(model_name=7) == ("model_name: say it as a text",)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"job_id": None}, "job_id: say it as a text"),
        ({"job_id": ""}, "job_id: say it as a text"),
        ({"trace_id": 7}, "trace_id: say it as a text"),
        ({"run_id": "other"}, "run_id: say the job_id"),
        ({"strategy": None}, "strategy: Field required"),
        ({"strategy": "../x"}, "strategy: say the strategy's class"),
        ({"timerange": "20240101-20240101"}, "timerange: the first day must be before the last"),
        ({"timerange": "20240101-20270101"}, "timerange: the last day must not be after today"),
        ({"timeframe": "7m"}, "timeframe: say one of"),
        ({"pairs": ""}, "pairs"),
        ({"pairs": "BTC\x00/USDT"}, "pairs"),
        ({"task_definition": FAMILY.replace("strategy", "other")}, "task_definition: say one of the strategy's own"),
        ({"config_path": "A" * 64}, "config_path: say a .json file"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], says: str) -> None:
    assert any(each.startswith(says) for each in errors(**changes)), errors(**changes)


def test_all_that_is_wrong_is_named_at_once() -> None:
    told = errors(run_id="x", timeframe="7m", timerange="1")
    assert {each.partition(":")[0] for each in told} == {"run_id", "timeframe", "timerange"}


def test_more_variables_than_a_task_takes_are_refused() -> None:
    room = DEPLOYED.overrides.characters - DEPLOYED.overrides.of_workflows
    pairs = ",".join(f"C{at:04}/USDT" for at in range(room // 11))
    assert any(each.startswith("pairs: too many") for each in errors(pairs=pairs))


def test_the_defaults_count_too() -> None:
    room = DEPLOYED.overrides.characters - DEPLOYED.overrides.of_workflows
    refusals = [
        completed(found, DEFAULTS, KNOWN, None).errors
        for count in range(room // 13, room // 11)
        if not isinstance(found := shaped(event(pairs=[f"C{at:04}/USDT" for at in range(count)]), TODAY), Answer)
    ]
    assert refusals[0] == ()
    assert refusals[-1][0].startswith("pairs: too many")


@given(st.dictionaries(st.sampled_from(sorted(REQUEST)) | st.text(max_size=10), JSON))
def test_any_request_is_judged(request: dict[str, Any]) -> None:
    found = shaped(event(request), TODAY)
    if isinstance(found, Answer):
        assert found.errors
        assert all(each.isprintable() for each in found.errors)
    else:
        assert all(isinstance(value, str) for value in found.values())


@given(st.sets(st.sampled_from(["BTC/USDT", "ETH/USDT", "XRP/USDT:USDT"]), min_size=1), st.sampled_from([None, HASH]))
def test_a_whole_request_is_whole_again(pairs: set[str], config: str | None) -> None:
    first = completed(texts(pairs=sorted(pairs)), DEFAULTS, KNOWN, config)
    again = shaped(event(dict(first.request)), TODAY)
    assert not isinstance(again, Answer)
    assert completed(again, DEFAULTS, KNOWN, named_config(again)) == first


@pytest.mark.parametrize(
    ("said", "named"), [({}, None), ({"config_path": "/freqtrade/x.json"}, None), ({"config_path": HASH}, HASH)]
)
def test_a_file_of_the_image_is_no_registered_configuration(said: dict[str, str], named: str | None) -> None:
    assert named_config(said) == named


VERSION = ConfigVersion(strategy_name="Momentum", config_id="c", config_hash=HASH, status=Stage.ACTIVE)


def test_a_name_stands_for_a_hash() -> None:
    assert pinned(HASH, [], VERSION) == HASH
    assert pinned("active", [VERSION], None) == HASH


@pytest.mark.parametrize(
    ("named", "active", "says"),
    [(HASH, [], "of this hash"), ("active", [], "no active"), ("active", [VERSION] * 2, "2 active")],
)
def test_a_name_that_stands_for_none_is_refused(named: str, active: list[ConfigVersion], says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        pinned(named, active, None)
