"""Environments that the bench makes to stand are Ready by the reconciler's own word."""

from tools.bench.standing import sample, status_of


async def test_a_sample_stands_within_the_turns_that_it_has() -> None:
    made = sample("standing-0001", "eph-0001")
    made["metadata"] |= {
        "uid": "uid-1",
        "resourceVersion": "1",
        "generation": 1,
        "creationTimestamp": "2026-11-21T00:00:00Z",
    }
    status = await status_of(made, "pw", "http://127.0.0.1:1")
    assert (status["phase"], status["layersText"]) == ("Ready", "2/2")
    assert status["guards"]["place"] == "s3://tradai-pulumi-state-dev http://127.0.0.1:1"
