"""check-retraining-needed on deployed tables."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from retraining_estate import DEFAULTS, REQUEST, Estate

from check_retraining_needed import handler as check
from shared.drift import Drifts, Verdict
from shared.entry import RefusedError
from shared.retraining import Outcome


@pytest.fixture
def estate(deployed: Any) -> Estate:
    check.ENTRY.reset()
    return Estate(deployed)


def test_a_run_that_drift_asked_for_goes_on_while_there_is_some(estate: Estate, context: Any) -> None:
    estate.drifted("m")
    found = estate.check("m", "drift-1", context)
    assert (found["needed"], found["reason"]) == (True, "the drift of version 7 is significant")
    ids = {"run_id": "drift-1", "job_id": "drift-1", "trace_id": "t", "model_name": "m"}
    assert found["request"] == {**REQUEST, **DEFAULTS, **ids}
    held = estate.known("m")
    assert held.has("drift-1") and held.execution_arn == "arn"
    assert estate.check("m", "drift-1", context) == found


def test_a_run_without_need_gives_its_model_back_and_stays_unneeded(estate: Estate, context: Any) -> None:
    estate.drifted("m", Verdict.MODERATE)
    assert estate.check("m", "drift-1", context)["needed"] is False
    assert (estate.known("m").running_until, estate.known("m").outcome) == (None, Outcome.KEPT)
    estate.drifted("m")
    assert estate.check("m", "drift-1", context)["needed"] is False


def test_a_run_without_the_model_does_not_go_on(estate: Estate, context: Any) -> None:
    assert estate.check("m", "r1", context)["needed"] is True
    answer = estate.check("m", "r2", context)
    assert (answer["needed"], answer["reason"]) == (False, "another run has the model")
    assert estate.known("m").has("r1")


def test_a_table_that_could_not_be_read_is_no_answer(
    estate: Estate, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "GetItem")

    monkeypatch.setattr(Drifts, "get", refuse)
    with pytest.raises(ClientError):
        estate.check("m", "drift-1", context)


@pytest.mark.parametrize("wrong", [{}, {"request": {}}, {"request": [], "defaults": {}, "execution_arn": "a"}])
def test_what_is_no_event_is_refused(estate: Estate, context: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match=r"request|defaults|execution_arn"):
        check.handle(wrong, context)


def test_a_request_without_a_model_is_refused_by_its_field(estate: Estate, context: Any) -> None:
    with pytest.raises(RefusedError, match="model_name: Field required"):
        check.handle({"request": REQUEST, "defaults": DEFAULTS, "execution_arn": "arn"}, context)
