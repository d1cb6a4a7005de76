"""Any sequence of edits, faults and restarts ends as the last spec alone would: 500 of them over fakes."""

import asyncio
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.play import Play
from tests.faults.budget import timed
from tradai_runner.journal import seal

SECRETS = ("tradai-state", "tradai-secrets")
#: Failures that end by themselves; those that wait for a person are told apart by other tests.
PASSING = ("Throttled", "Network", "Backend", "Lock", "Lost", "Credentials", "Unfinished", "Unseen")

specs = st.builds(
    lambda queues, note, suspend: {
        "layers": {
            "store": {"config": {"note": note}},
            "work": {
                "config": {
                    "queues": queues,
                    "secrets": {"token": {"secretRef": {"name": "tradai-secrets", "key": "binance-api"}}},
                }
            },
        },
        "suspend": suspend,
    },
    st.integers(0, 3),
    st.sampled_from(["one", "two", "three"]),
    st.booleans(),
)
steps = st.one_of(
    st.tuples(st.just("edit"), specs),
    st.tuples(st.just("turn"), st.none()),
    st.tuples(st.just("complete"), st.integers(0, 3)),
    st.tuples(st.just("fail"), st.tuples(st.integers(0, 3), st.sampled_from(PASSING))),
    st.tuples(st.just("kill run"), st.integers(0, 3)),
    st.tuples(st.just("kill operator"), st.tuples(st.integers(1, 12), st.booleans())),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("cluster breaks"), st.none()),
    st.tuples(st.just("cluster mends"), st.none()),
    st.tuples(st.just("secret goes"), st.sampled_from(SECRETS)),
    st.tuples(st.just("secret changes"), st.sampled_from(["k:s", "k:t", "k:u"])),
    st.tuples(st.just("secret comes"), st.none()),
    st.tuples(st.just("time passes"), st.sampled_from([1.0, 30.0, 1000.0])),
    st.tuples(st.just("passphrase is wrong"), st.none()),
    st.tuples(st.just("delete and apply"), specs),
    st.tuples(st.just("invalid delete and apply"), specs),
    st.tuples(st.just("narrow in mid destroy and apply"), specs),
    st.tuples(st.just("abandon and apply"), specs),
)


async def played(sequence: Sequence[tuple[str, Any]], last: dict[str, Any], value: str) -> dict[str, Any]:
    """How it ends after the sequence and the last spec."""
    play = Play()
    for what, how in sequence:
        await play.step(what, how)
    await play.quiet()
    await play._secret_changes(value)
    play.apply(last)
    await play.quiet()
    return play.end()


@settings(max_examples=500, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, max_size=25), specs, st.sampled_from(["k:s", "k:t"]))
def check(sequence: list[tuple[str, Any]], last: dict[str, Any], value: str) -> None:
    last = last | {"suspend": False}
    ended = asyncio.run(played(sequence, last, value))
    assert ended == alone(json.dumps(last), value)
    assert ended["phase"] == "Ready"


@cache
def alone(last: str, value: str) -> dict[str, Any]:
    """How the last spec ends by itself."""
    return asyncio.run(played([], json.loads(last), value))


def test_any_sequence_ends_as_the_last_spec_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Fernet(Fernet.generate_key())  # what opens a sealed output is slow on purpose, and no part of this
    monkeypatch.setattr(seal, "_cipher", lambda *_: quick)
    with timed("500 random sequences over fakes"):
        check()
