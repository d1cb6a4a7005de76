"""Secrets are taken out of what a run says, in every spelling that logs and errors have."""

import base64
import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_iac.failure import Failure
from tradai_runner.contract import Repair, RunRequest, RunResult, Update
from tradai_runner.journal.local import RunJournal
from tradai_runner.journal.mask import MASKED, SHORTEST, mask_for, mask_of

VALUE = 'p&ss "wörd"/with+\\more=0'

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda value: json.dumps(value)[1:-1],
    "json of json": lambda value: json.dumps(json.dumps(value)[1:-1])[1:-1],
    "repr": lambda value: repr(value)[1:-1],
    "url": quote,
    "url, every sign": lambda value: quote(value, safe=""),
    "form": quote_plus,
    "xml": html.escape,
    "hex": lambda value: value.encode().hex(),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 for addresses": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "base64 of more": lambda value: base64.b64encode(f"user:{value}\n".encode()).decode(),
    "base64 of still more": lambda value: base64.b64encode(f"a:{value}:b".encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_gets_through(spelling: str) -> None:
    spelled = SPELLINGS[spelling](VALUE)
    said = mask_of([VALUE])(f"api error Invalid: {spelled} is not accepted")
    assert MASKED in said
    assert spelled not in said
    assert spelled[4:-4] not in said


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ('{"key": "AKIA-canary-1", "deep": ["canary-two"]}', "canary-two"),
        ("postgresql://tradai:c%40nary-three@db:5432/x", "c@nary-three"),
        ("postgresql://tradai:c%40nary-three@db:5432/x", "c%40nary-three"),
        ("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----\n", "MIIEvQIBADANBgkqhkiG"),
        ("canary-four\n", "canary-four"),
    ],
)
def test_what_is_secret_by_itself_in_a_value_is_taken_out_too(value: str, part: str) -> None:
    assert part not in mask_of([value])(f"refused: {part}!")


def test_what_is_no_secret_stays() -> None:
    text = "creating aws:s3/bucket:Bucket configs failed: api error AccessDenied, request id: 1234"
    assert mask_of(["canary-canary", "short", ""])(text + " short") == text + " short"
    assert mask_of([])(text) == text


@given(st.text(min_size=SHORTEST, max_size=40).filter(lambda text: len(text.strip()) >= SHORTEST), st.text(), st.text())
def test_no_value_survives_wherever_it_stands(value: str, before: str, after: str) -> None:
    assert value.strip() not in mask_of([value])(before + value + after).replace(MASKED, "\0")


def request(folder: Path) -> RunRequest:
    (folder / "passphrase").write_text("canary-passphrase\n")
    (folder / "jwt").write_text("canary-jwt")
    return Update(
        run_id="r", layer="foundation", environment="dev", account_id="1", region="r",
        backend_url="s3://b", passphrase_file=str(folder / "passphrase"),
        secret_files={"jwt-secret": str(folder / "jwt"), "gone": str(folder / "gone")},
    )  # fmt: skip


def test_a_journal_says_no_secret_of_its_run(tmp_path: Path) -> None:
    journal = RunJournal(tmp_path, mask_for(request(tmp_path)))
    journal.log("error: canary-jwt is not accepted")
    told: dict[str, Any] = {"run_id": "r", "layer": "foundation", "operation": "up", "outcome": "failed"}
    failure = Failure(kind="Provider", error="canary-jwt", hint="not canary-passphrase", urn="urn:x")
    result = RunResult(**told, failure=failure, repairs=(Repair(at=0, what="was canary-jwt"),), outputs={"a": "b"})
    assert journal.finish(result) == journal.result()
    for path in (tmp_path / "log.txt", tmp_path / "result.json"):
        assert "canary" not in path.read_text()
        assert MASKED in path.read_text()
    kept = journal.result()
    assert kept is not None
    assert (kept.outputs, kept.failure and kept.failure.urn) == ({"a": "b"}, "urn:x")
