"""What is known of a start that AWS did not confirm, and under which name and token it is asked for."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.launch import refused


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
    assert refused("ECS", ClientError(error, "RunTask")).known is known  # type: ignore[arg-type]
