"""Secrets are taken out of what a run says, in every spelling that logs and errors have."""

import base64
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradai_iac.failure import Failure
from tradai_runner.contract import PlanSummary, PreflightResult, Repair, RunRequest, RunResult, Update
from tradai_runner.contract.drift import DriftSummary
from tradai_runner.journal.local import RunJournal
from tradai_runner.journal.mask import MASKED, SHORTEST, mask_for, mask_of, masked

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


def telling(text: str) -> bool:
    """Long enough, and nothing that reads like a word."""
    return len(text.strip()) >= SHORTEST and not re.fullmatch(r"[A-Za-z]{1,11}|[0-9]{1,11}", text.strip())


@given(st.text(min_size=SHORTEST, max_size=40).filter(telling), st.text(), st.text())
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


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("tradai", "tradai-state of mytradai and tradai_x: bucket tradai-logs"),
        ("123456", "arn:aws:iam::9123456789012:role/x"),
        ("postgres", "postgresql"),
        ("k", "a key of one letter"),
        ("abc", "abc-def abc"),
    ],
)
def test_a_value_that_reads_like_a_word_stays_in_other_words(value: str, said: str) -> None:
    assert mask_of([value])(said) == said


@pytest.mark.parametrize("said", ["user=tradai", '"tradai"', "x:tradai@db", "tradai", "tradai is refused", "'tradai'."])
def test_it_is_taken_out_where_it_stands_alone(said: str) -> None:
    assert "tradai" not in mask_of(["tradai"])(said)


def test_a_field_that_is_all_of_a_short_value_is_taken_out() -> None:
    assert masked({"pin": "42", "of": ["42", 42, 420, "142"], "on": True}, mask_of(["42"])) == {
        "pin": MASKED,
        "of": [MASKED, MASKED, 420, "142"],
        "on": True,
    }


#: What a result says that is no word of others: names, ids and digests, which have to stay what they are.
EXACT: set[str] = {
    "run_id", "layer", "operation", "outcome", "outputs", "sealed", "migrated", "failure.kind", "failure.urn",
    "failure.request_id", "failure.state", "plan.digest", "plan.data", "drift.digest", "survey.facts", "survey.reason",
    "repairs.urn",
}  # fmt: skip


def test_every_text_of_a_result_is_gone_over_or_known_to_be_exact() -> None:
    """A field that comes later is in this table, or the test fails."""
    word = "hunter2hunter2"
    result = RunResult(
        run_id=word, layer=word, operation="up", outcome="failed", outputs={"a": word}, sealed=word, migrated=(word,),
        failure=Failure(kind="Unknown", error=word, urn=word, request_id=word, hint=word, state=word),
        plan=PlanSummary(digest=word, destructive=(word,), data=(word,)),
        drift=DriftSummary(digest=word, first=(word,)),
        survey=PreflightResult(facts=word, ok=True, reason=word, message=word),
        repairs=(Repair(at=0.0, what=word, urn=word),),
    )  # fmt: skip
    assert {path for path, text in texts(result.model_dump()) if word in text} >= EXACT - {
        "operation", "outcome", "failure.kind",
    }  # fmt: skip
    said = result.worded(mask_of([word])).model_dump()
    assert {path for path, text in texts(said) if MASKED not in text} == EXACT


def texts(value: Any, path: str = "") -> list[tuple[str, str]]:
    """(path, text) of every field; what is below `outputs` counts as that."""
    if isinstance(value, dict) and path != "outputs":
        return [found for key, item in value.items() for found in texts(item, f"{path}.{key}".lstrip("."))]
    if isinstance(value, list | tuple):
        return [found for item in value for found in texts(item, path)]
    return [(path, str(value))] if isinstance(value, str | dict) else []
