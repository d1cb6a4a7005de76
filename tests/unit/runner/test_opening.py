"""A destroy that knows several passphrases takes the one that opens the state, and begins with none that does not."""

import json
from pathlib import Path

import pytest

from tests.unit.runner.objects import Objects
from tests.unit.runner.states import state
from tests.unit.runner.test_runner_rooms import request
from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import state_key
from tradai_runner.contract import OTHER_PASSPHRASE, RunRequest
from tradai_runner.teardown import passphrases as room


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Objects:
    """A state that `right` alone opens."""
    found = Objects({state_key("tradai-compute", "dev"): json.dumps(state([], [])).encode()})
    monkeypatch.setattr("tradai_runner.bucket.store.store_of", lambda _: found)
    monkeypatch.setattr(room, "opens", lambda _, passphrase: passphrase == "right")
    return found


def asked(tmp_path: Path, first: str, *others: str, operation: str = "destroy") -> RunRequest:
    for number, value in enumerate((first, *others)):
        (tmp_path / str(number)).write_text(f"{value}\n")
    files = {f"{OTHER_PASSPHRASE}-{number}": str(tmp_path / str(number + 1)) for number in range(len(others))}
    return request(operation=operation, passphrase_file=str(tmp_path / "0"), secret_files=files)


@pytest.mark.parametrize(
    ("known", "taken"),
    [(("right",), "0"), (("wrong", "right"), "1"), (("right", "wrong"), "0"), (("wrong", "wrong", "right"), "2")],
)
def test_the_one_that_opens_it_is_taken(known: tuple[str, ...], taken: str, tmp_path: Path, bucket: Objects) -> None:
    found = room.opening(asked(tmp_path, *known), "tradai-compute", lambda _: None)
    assert not isinstance(found, Failure)
    assert found.passphrase_file == str(tmp_path / taken)
    assert found.secret_files == {}, "no program takes a passphrase for a secret of its layer"


def test_where_none_does_the_destroy_does_not_begin(tmp_path: Path, bucket: Objects) -> None:
    found = room.opening(asked(tmp_path, "wrong", "other"), "tradai-compute", lambda _: None)
    assert isinstance(found, Failure)
    assert (found.kind, "none of the 2 passphrases" in found.error) == ("Passphrase", True)


def test_without_a_state_the_first_one_counts(tmp_path: Path, bucket: Objects) -> None:
    bucket.clear()
    found = room.opening(asked(tmp_path, "wrong", "other"), "tradai-compute", lambda _: None)
    assert not isinstance(found, Failure)
    assert found.passphrase_file == str(tmp_path / "0")


def test_that_another_than_the_secrets_opened_it_is_said_without_its_value(tmp_path: Path, bucket: Objects) -> None:
    said: list[str] = []
    room.opening(asked(tmp_path, "wrong", "right"), "tradai-compute", said.append)
    assert len(said) == 1
    assert "right" not in said[0]
