"""A call that walked through what another one changed is answered all the same; every other failure stays one."""

import io
from collections.abc import Iterable
from typing import Any

import pytest

from tradai_sandbox.aws.again import Again


class Failing:
    """An application that fails so many times, and then tells what it was asked."""

    def __init__(self, error: Exception, times: int) -> None:
        self._error, self.left = error, times

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        asked = environ["wsgi.input"].read()
        if self.left:
            self.left -= 1
            raise self._error
        return [asked]


def answer(app: Again) -> list[bytes]:
    return list(app({"wsgi.input": io.BytesIO(b"Action=GetRole")}, lambda *_: None))


@pytest.mark.parametrize(
    "said",
    [
        "dictionary changed size during iteration",
        "Set changed size during iteration",
        "OrderedDict mutated during iteration",
        "deque mutated during iteration",
    ],
)
def test_a_call_in_whose_way_another_was_is_asked_again_whole(said: str) -> None:
    assert answer(Again(Failing(RuntimeError(said), times=3))) == [b"Action=GetRole"]


def test_what_stays_in_the_way_is_told_in_the_end() -> None:
    with pytest.raises(RuntimeError, match="changed size"):
        answer(Again(Failing(RuntimeError("dictionary changed size during iteration"), times=100)))


@pytest.mark.parametrize("error", [RuntimeError("moto is broken"), KeyError("role")])
def test_no_other_failure_is_repeated(error: Exception) -> None:
    app = Failing(error, times=2)
    with pytest.raises(type(error)):
        answer(Again(app))
    assert app.left == 1
