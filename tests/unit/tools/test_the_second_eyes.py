"""How the end-to-end tests ask an API server: again while it starts, and never past an answer that counts."""

from collections.abc import Callable, Iterator

import pytest
import urllib3
from kubernetes.client import ApiException

from tests import official


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Time that goes on by waiting alone."""
    now = [0.0]
    monkeypatch.setattr(official, "monotonic", lambda: now[0])
    monkeypatch.setattr(official, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    yield now


def server(*answers: object) -> Callable[[], object]:
    """Gives one answer after the other, the last one for ever."""
    waiting = list(answers)

    def ask() -> object:
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


@pytest.mark.parametrize(
    "not_yet",
    [
        ApiException(status=429),
        ApiException(status=503),
        ApiException(status=0),
        urllib3.exceptions.HTTPError("refused"),
    ],
    ids=["429", "503", "no-answer", "refused"],
)
def test_a_server_that_starts_is_asked_until_it_can_tell(not_yet: Exception) -> None:
    assert official._asked(server(not_yet, not_yet, "found")) == "found"


@pytest.mark.parametrize("error", [ApiException(status=503), urllib3.exceptions.HTTPError("refused")])
def test_a_server_that_never_answers_is_given_up(error: Exception, clock: list[float]) -> None:
    with pytest.raises(type(error)):
        official._asked(server(error))
    assert clock[0] > 0


def test_an_answer_counts_at_once(clock: list[float]) -> None:
    assert official._there(server(ApiException(status=404))) is None
    refusal = ApiException(status=403)
    refusal.body = '{"message": "not yours"}'
    assert official._refused(server(refusal)) == official.Refusal(403, "not yours")
    assert official._refused(server({})) is None
    with pytest.raises(ApiException):
        official._there(server(ApiException(status=401)))
    assert clock == [0.0]
