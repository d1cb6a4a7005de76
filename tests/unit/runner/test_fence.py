"""A later leadership shuts out the runs of earlier ones, by cluster, and never the other way round."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.requests import request_of
from tests.unit.runner.objects import Objects
from tradai_runner.contract import Owner, RunRequest
from tradai_runner.lock.fence import newest, refusal, show

PROJECT = "tradai-edge"


def request(fence: int, cluster: str = "c-1", **more: Any) -> RunRequest:
    owner = Owner(cluster=cluster, resource="tradai/prod", uid="u-1")
    base = {"run_id": "r", "layer": "edge", "environment": "prod", "operation": "up", "account_id": "1"}
    return request_of(**base | {"owner": owner} | more, region="eu-central-1", backend_url="s3://b", fence=fence)


def test_a_run_of_an_earlier_leadership_is_refused_and_says_why() -> None:
    store: Any = Objects()
    assert show(store, PROJECT, request(7)) == 7
    assert refusal(request(7), newest(store, PROJECT, request(7))) is None
    refused = refusal(request(6), newest(store, PROJECT, request(6)))
    assert refused is not None
    assert refused.kind == "Lock"
    assert "term 7" in refused.error
    assert refusal(request(8), newest(store, PROJECT, request(8))) is None


def test_a_person_by_hand_is_bound_by_no_term_and_shows_none() -> None:
    store: Any = Objects()
    show(store, PROJECT, request(7))
    by_hand = request(0, owner=None)
    assert show(store, PROJECT, by_hand) == 0
    assert refusal(by_hand, newest(store, PROJECT, by_hand)) is None
    assert store.writes == [".tradai/fences/tradai-edge/prod/c-1/0000000007"]


def test_terms_are_counted_by_cluster_so_that_an_environment_can_move() -> None:
    store: Any = Objects()
    show(store, PROJECT, request(9000))
    moved = request(3, cluster="c-2")
    assert show(store, PROJECT, moved) == 3
    assert refusal(moved, newest(store, PROJECT, moved)) is None


def test_the_same_term_writes_once() -> None:
    store: Any = Objects()
    for _ in range(3):
        show(store, PROJECT, request(7))
    assert len(store.writes) == 1


@given(st.lists(st.integers(1, 99), min_size=1))
def test_whatever_the_order_the_highest_term_stands_alone(terms: list[int]) -> None:
    store: Any = Objects()
    for count, term in enumerate(terms, start=1):
        assert show(store, PROJECT, request(term)) == max(terms[:count])
    assert len(store) == 1
    assert newest(store, PROJECT, request(1)) == max(terms)
