"""Whose a stack is: claimed by the first run, refused to others, handed over by name."""

from typing import Any

import pytest

from tests.fakes.requests import request_of
from tests.unit.runner.objects import Objects
from tradai_runner.bucket.keys import owner_key, repair_key
from tradai_runner.contract import Owner, RunRequest
from tradai_runner.repair.intent import read_intent
from tradai_runner.state.notes import UnfitStateError
from tradai_runner.state.owner import claim, disown, read_owner, refusal, warning, write_owner

PROJECT = "tradai-edge"
PROD = Owner(cluster="c-1", resource="tradai/prod", uid="u-1")


def request(owner: Owner | None = PROD, **more: Any) -> RunRequest:
    base = {"run_id": "r", "layer": "edge", "environment": "prod", "operation": "up", "account_id": "1"}
    return request_of(**base, region="eu-central-1", backend_url="s3://b", owner=owner, **more)


@pytest.mark.parametrize(
    ("asks", "more", "may"),
    [
        pytest.param(PROD, {}, True, id="the owner"),
        pytest.param(PROD.model_copy(update={"uid": "u-2"}), {}, True, id="the same resource made anew"),
        pytest.param(PROD.model_copy(update={"resource": "tradai/other"}), {}, False, id="a duplicate"),
        pytest.param(PROD.model_copy(update={"cluster": "c-2"}), {}, False, id="another cluster"),
        pytest.param(PROD.model_copy(update={"cluster": "c-2"}), {"handover": "u-1"}, True, id="by handover"),
        pytest.param(PROD.model_copy(update={"cluster": "c-2"}), {"handover": "u-9"}, False, id="another's handover"),
        pytest.param(None, {}, True, id="a person by hand"),
    ],
)
def test_who_may_work_on_a_stack_that_is_owned(asks: Owner | None, more: dict[str, Any], may: bool) -> None:
    store: Any = Objects()
    claim(store, PROJECT, request(), None)
    found = read_owner(store, PROJECT, "prod")
    assert found == PROD
    asked = request(asks, **more)
    refused = refusal(asked, found)
    assert (refused is None) is may
    claim(store, PROJECT, asked, found)
    assert read_owner(store, PROJECT, "prod") == (asks if asks and may else PROD)
    if refused:
        assert refused.kind == "Owner"
        assert "tradai/prod" in refused.error
        assert "tradai.io/handover: u-1" in refused.hint


def test_whoever_works_by_hand_claims_nothing_and_is_told_whose_it_is() -> None:
    store: Any = Objects()
    claim(store, PROJECT, request(None), None)
    assert read_owner(store, PROJECT, "prod") is None
    assert warning(request(None), None) is None
    assert "tradai/prod" in (warning(request(None), PROD) or "")
    assert warning(request(), PROD) is None


def test_a_stack_that_is_gone_is_nobodys() -> None:
    store: Any = Objects()
    claim(store, PROJECT, request(), None)
    disown(store, PROJECT, request())
    assert read_owner(store, PROJECT, "prod") is None


def test_the_owner_is_written_once() -> None:
    store: Any = Objects()
    claim(store, PROJECT, request(), None)
    claim(store, PROJECT, request(), read_owner(store, PROJECT, "prod"))
    assert store.writes == [".tradai/owner/tradai-edge/prod.json"]


def test_a_marker_keeps_guards_and_place_and_one_of_a_version_before_is_readable() -> None:
    store: Any = Objects()
    store[".tradai/owner/tradai-edge/prod.json"] = b'{"cluster": "c-1", "resource": "tradai/prod", "uid": "u-1"}'
    found = read_owner(store, PROJECT, "prod")
    assert found == PROD
    assert found.guards is None, "what is not known is not nothing"
    full = PROD.model_copy(update={"region": "eu-central-1", "guards": {"approval": "Always"}})
    claim(store, PROJECT, request(full), found)
    assert read_owner(store, PROJECT, "prod") == full
    store[".tradai/owner/tradai-edge/prod.json"] = full.model_dump_json()[:-1].encode() + b', "later": 1}'
    assert read_owner(store, PROJECT, "prod") == full


def test_a_run_that_was_asked_for_before_a_guard_was_raised_does_not_lower_it_again() -> None:
    store: Any = Objects()
    raised = PROD.model_copy(update={"guards": {"deletionPolicy": "Retain"}})
    write_owner(store, PROJECT, "prod", raised)
    claim(store, PROJECT, request(PROD.model_copy(update={"guards": {"deletionPolicy": "All"}})), raised)
    assert read_owner(store, PROJECT, "prod") == raised


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"cluster": 1}'])
def test_a_marker_that_cannot_be_read_is_not_one_that_is_not_there(body: bytes) -> None:
    store: Any = Objects({owner_key(PROJECT, "prod"): body})
    with pytest.raises(UnfitStateError) as caught:
        read_owner(store, PROJECT, "prod")
    failure = caught.value.failure
    assert (failure.kind, owner_key(PROJECT, "prod") in failure.error) == ("Backend", True)
    assert "list-object-versions" in failure.hint


@pytest.mark.parametrize("body", [b"", b"{"])
def test_nor_is_a_repair_of_which_nobody_can_read_how_far_it_came(body: bytes) -> None:
    store: Any = Objects({repair_key(PROJECT, "prod"): body})
    with pytest.raises(UnfitStateError, match="what a repair of this stack had set out to do cannot be read"):
        read_intent(store, PROJECT, "prod")
