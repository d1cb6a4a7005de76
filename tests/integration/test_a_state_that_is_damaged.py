"""A state that somebody has damaged by hand, on the real engine: found before it starts, told with URN and repair."""

import json
from collections.abc import Callable
from typing import Any

from tests.integration.test_a_state_that_is_gone import Stack, Standing, standing  # noqa: F401 - a fixture
from tests.integration.test_preflight import passphrase  # noqa: F401 - a fixture
from tradai_runner.contract import RunResult

Entries = list[dict[str, Any]]


def twice(entries: Entries) -> str:
    entries.append(dict(entries[-1]))
    return str(entries[-1]["urn"])


def before_what_it_needs(entries: Entries) -> str:
    last = entries.pop()
    entries.insert(0, last)
    return str(last["urn"])


def needs_what_is_gone(entries: Entries) -> str:
    entries[-1]["dependencies"] = ["urn:pulumi:eph-x::sample-store::aws:sqs/queue:Queue::gone"]
    return str(entries[-1]["urn"])


def without_its_provider(entries: Entries) -> str:
    entries[:] = [entry for entry in entries if not entry["type"].startswith("pulumi:providers:")]
    return next(str(entry["urn"]) for entry in entries if entry.get("provider"))


SPOILS = (twice, before_what_it_needs, needs_what_is_gone, without_its_provider)


def spoiled(body: bytes, spoil: Callable[[Entries], str]) -> tuple[bytes, str]:
    state = json.loads(body)
    subject = spoil(state["checkpoint"]["latest"]["resources"])
    return json.dumps(state).encode(), subject


def refused(stack: Stack, result: RunResult, urn: str) -> None:
    """No engine has run: the log has nothing of one, and the state is as it was."""
    assert result.outcome == "failed" and result.failure is not None
    assert (result.failure.kind, result.failure.urn) == ("StateDamaged", urn), result.failure
    assert "tradai state restore" in result.failure.hint and result.failure.state
    log = max(stack.folder.glob("run-*"), key=lambda path: int(path.name[4:])) / "log.txt"
    assert not log.exists() or not any(word in log.read_text() for word in ("Updating", "Destroying", "Refreshing"))


def test_every_damage_is_found_before_an_engine_starts_and_mending_it_is_all_it_takes(
    standing: Standing,  # noqa: F811
) -> None:
    stack = standing("eph-spoil")
    kept = stack.read()
    for number, spoil in enumerate(SPOILS):
        body, urn = spoiled(kept, spoil)
        stack.write(body)
        refused(stack, stack.run(survey=f"facts-{number}" if number else ""), urn)
        assert stack.read() == body
    for body in (b"", b"{ no json"):
        stack.write(body)
        refused(stack, stack.run("destroy"), "")
        assert stack.read() == body
    stack.write(kept)
    assert stack.run().outcome == "succeeded"
    assert stack.run("destroy").outcome == "succeeded"
    assert stack.in_aws() == []


def test_the_preflight_says_it(standing: Standing) -> None:  # noqa: F811
    stack = standing("eph-spoil2")
    kept = stack.read()
    stack.write(spoiled(kept, twice)[0])
    result = stack.run(survey="facts-9")
    assert result.survey is not None
    assert (result.survey.ok, result.survey.reason) == (False, "StateDamaged")
    stack.write(kept)
    assert stack.run("destroy").outcome == "succeeded"
