"""Which engines an operation starts: one, and no more where the run can make itself a stack that never was."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi import automation as auto

from tests.fakes.requests import request_of
from tradai_iac.failure import Failure
from tradai_runner.journal.local import RunJournal
from tradai_runner.operations import Operations


def failed(error: type[auto.CommandError], text: str) -> auto.CommandError:
    return error(auto.CommandResult("", text, 255))


class Engines:
    """A stack that takes down what is asked of it; `there` is whether the backend has it."""

    name = "dev"

    def __init__(self, *, there: bool) -> None:
        self.there, self.asked = there, list[str]()
        self.workspace = SimpleNamespace(create_stack=self._create)

    def _create(self, name: str) -> None:
        self.asked.append("create")
        if self.there:
            raise failed(auto.StackAlreadyExistsError, f"stack {name} already exists")
        self.there = True

    def _operate(self, operation: str, **words: Any) -> None:
        self.asked.append(operation)
        assert words["parallel"] > 16
        if not self.there:
            raise failed(auto.StackNotFoundError, "no stack named dev")

    def __getattr__(self, operation: str) -> Any:
        return lambda **words: self._operate(operation, **words)


class Bucket:
    """What a run's record says: whether it found no state when it looked, and whether it finds none now.

    Where it is `made`, it tells those engines.
    """

    def __init__(self, *, seems_new: bool, is_new: bool, engines: Engines | None = None) -> None:
        self._seems_new, self._is_new, self._engines = seems_new, is_new, engines

    def seems_new(self) -> bool:
        return self._seems_new

    def is_new(self) -> bool:
        return self._is_new

    def make(self) -> None:
        assert self._engines is not None
        self._engines.asked.append("make")
        self._engines.there = True


def operate(tmp_path: Path, engines: Engines, bucket: Bucket, operation: str, times: int = 1) -> Failure | None:
    base = {"run_id": "r1", "layer": "store", "environment": "dev", "account_id": "1", "region": "eu-central-1"}
    request = request_of(**base, backend_url="s3://b", operation=operation)
    operations = Operations(request, RunJournal(tmp_path), lambda: None)
    said: Any = None
    for _ in range(times):
        said = operations.operate(engines, bucket, None)  # type: ignore[arg-type]
    return said  # type: ignore[no-any-return]


@pytest.mark.parametrize("operation", ["up", "preview"])
@pytest.mark.parametrize(
    ("there", "seems_new", "is_new", "asked"),
    [
        (True, False, False, ["{}"]),
        (False, True, True, ["make", "{}"]),
        (True, True, False, ["make", "{}"]),  # somebody made it meanwhile
        (False, False, True, ["{}", "create", "{}"]),  # a backend whose states nobody reads beside the engine
    ],
)
def test_a_stack_that_never_was_is_made_before_its_first_operation(
    tmp_path: Path, operation: str, there: bool, seems_new: bool, is_new: bool, asked: list[str]
) -> None:
    engines = Engines(there=there)
    bucket = Bucket(seems_new=seems_new, is_new=is_new, engines=engines)
    assert operate(tmp_path, engines, bucket, operation) is None
    assert engines.asked == [each.format(operation) for each in asked]


def test_it_is_made_once_a_run(tmp_path: Path) -> None:
    engines = Engines(there=False)
    operate(tmp_path, engines, Bucket(seems_new=True, is_new=True, engines=engines), "up", times=2)
    assert engines.asked == ["make", "up", "up"]


@pytest.mark.parametrize("operation", ["refresh", "destroy"])
def test_nothing_is_made_in_order_to_be_looked_at_or_destroyed(tmp_path: Path, operation: str) -> None:
    engines = Engines(there=True)
    operate(tmp_path, engines, Bucket(seems_new=True, is_new=True), operation)
    assert engines.asked == [operation]


def test_a_state_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    engines = Engines(there=False)
    assert operate(tmp_path, engines, Bucket(seems_new=False, is_new=False), "up") is not None
    assert engines.asked == ["up"]
