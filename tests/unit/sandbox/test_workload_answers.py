"""What is read out of what functions say: metrics in their lines, messages that they have not done."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tradai_sandbox.workloads.batches import left
from tradai_sandbox.workloads.invocations import Answer
from tradai_sandbox.workloads.telemetry import embedded

MESSAGES = [SimpleNamespace(id="a"), SimpleNamespace(id="b")]
PARTLY = SimpleNamespace(function_response_types=["ReportBatchItemFailures"])
WHOLE = SimpleNamespace(function_response_types=None)


def test_an_embedded_metric_is_one_datum_for_each_set_of_dimensions() -> None:
    directive = {"Namespace": "N", "Dimensions": [["env"], []], "Metrics": [{"Name": "Lost", "Unit": "Count"}]}
    said = {"_aws": {"Timestamp": 1000, "CloudWatchMetrics": [directive]}, "env": "dev", "Lost": [1, 2]}
    ((namespace, (with_env, plain)),) = embedded(said)
    assert namespace == "N"
    assert with_env["Dimensions"] == [{"Name": "env", "Value": "dev"}]
    assert with_env["Values"] == [1, 2]
    assert (plain["Dimensions"], plain["MetricName"], plain["Unit"]) == ([], "Lost", "Count")


@pytest.mark.parametrize("said", [{"_aws": {}}, {"a": 1}])
def test_what_is_none_is_an_error(said: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        list(embedded(said))


@pytest.mark.parametrize(
    ("answer", "mapping", "stays"),
    [
        (Answer("null", failed=False), PARTLY, ""),
        (Answer("", failed=False), PARTLY, ""),
        (Answer('{"batchItemFailures": []}', failed=False), PARTLY, ""),
        (Answer('{"batchItemFailures": null}', failed=False), PARTLY, ""),
        (Answer('{"batchItemFailures": [{"itemIdentifier": "b"}]}', failed=False), PARTLY, "b"),
        (Answer('{"batchItemFailures": [{"itemIdentifier": "b"}]}', failed=False), WHOLE, ""),
        (Answer('{"batchItemFailures": [{"itemIdentifier": "x"}]}', failed=False), PARTLY, "ab"),
        (Answer('{"batchItemFailures": [{"itemIdentifier": ""}]}', failed=False), PARTLY, "ab"),
        (Answer('{"batchItemFailures": [{"other": "b"}]}', failed=False), PARTLY, "ab"),
        (Answer('"text"', failed=False), PARTLY, "ab"),
        (Answer("{}", failed=True), PARTLY, "ab"),
    ],
)
def test_only_what_is_clearly_done_goes(answer: Answer, mapping: Any, stays: str) -> None:
    assert left(answer, mapping, MESSAGES) == frozenset(stays)


def test_an_answer_is_throttled_by_its_kind_alone() -> None:
    throttled = json.dumps({"errorType": "TooManyRequestsException"})
    assert Answer(throttled, failed=True).throttled
    assert not Answer(throttled, failed=False).throttled
    assert not Answer('{"errorType": "KeyError"}', failed=True).throttled
