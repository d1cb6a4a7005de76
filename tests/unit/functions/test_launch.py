"""What is known of a start that AWS did not confirm, and under which name and token it is asked for."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.launch import execution_name, refused, token


@pytest.mark.parametrize(
    ("about", "known"),
    [
        ({"HTTPStatusCode": 400, "RetryAttempts": 0}, True),
        ({"HTTPStatusCode": 400, "RetryAttempts": 3}, False),  # the first call may have been heard
        ({"HTTPStatusCode": 500, "RetryAttempts": 0}, False),
        ({"HTTPStatusCode": 400}, False),
        ({}, False),
    ],
)
def test_surely_nothing_runs_only_where_the_one_call_was_refused(about: dict[str, Any], known: bool) -> None:
    error = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}, "ResponseMetadata": about}
    assert refused("ECS", ClientError(error, "RunTask")).known is known


def test_the_name_of_a_backtests_execution_is_its_jobs_id() -> None:
    assert execution_name({"job_id": "j" * 64}) == "j" * 64


def test_each_models_run_has_an_execution_and_a_token_of_its_own_and_is_no_backtest() -> None:
    backtest = {"job_id": "j" * 64}
    runs = [backtest | {"model_name": model} for model in ("m" * 100, "n" * 100)]
    names = {execution_name(each) for each in (backtest, *runs)}
    assert len(names) == 3 and max(map(len, names)) <= 80
    tokens = {token("backtest", backtest, 0), *(token("train", each, n) for each in (backtest, *runs) for n in (0, 1))}
    assert len(tokens) == 7 and set(map(len, tokens)) == {64}
    assert token("train", runs[0], 0) == token("train", dict(runs[0]), 0)
