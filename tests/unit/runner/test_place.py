"""A stack never moves: what the state and the owner marker say of account, region and blueprint binds every run."""

import json
from typing import Any

import pytest

from tests.unit.runner.objects import Objects
from tests.unit.runner.states import operation, resource, state
from tradai_runner.bucket import store
from tradai_runner.bucket.keys import owner_key, state_key, stood_key
from tradai_runner.contract import REQUESTS, RunRequest
from tradai_runner.record import Record
from tradai_runner.upkeep import Upkeep

PROJECT = "tradai-foundation"
HOME = {"cluster": "c-1", "resource": "tradai/dev", "uid": "u-1"}
TABLE = "aws:dynamodb/table:Table"


def provider(region: str = "eu-central-1", account: str = "123456789012") -> dict[str, Any]:
    """As the engine records the provider that `stack_config` configures."""
    inputs = {"region": region, "allowedAccountIds": json.dumps([account]), "version": "7.51.1"}
    return resource("pulumi:providers:aws", "default_7_51_1") | {"inputs": inputs, "outputs": inputs}


def table(region: str = "eu-central-1", account: str = "123456789012") -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:{region}:{account}:table/orders"
    return resource(TABLE, "orders", id="orders", outputs={"arn": arn})


def request(**more: Any) -> RunRequest:
    asked: dict[str, Any] = {
        "run_id": "r",
        "layer": "foundation",
        "environment": "dev",
        "operation": "up",
        "account_id": "123456789012",
        "region": "eu-central-1",
        "backend_url": "s3://b",
        "owner": {**HOME, "uid": "u-2"},
    }
    return REQUESTS.validate_python(asked | more)


def looked(
    monkeypatch: pytest.MonkeyPatch, asked: RunRequest, resources: list[Any], marker: Any = HOME, pending: Any = ()
) -> tuple[Upkeep, Objects]:
    """What a run finds before it registers anything."""
    objects = Objects()
    if resources or pending:
        objects[state_key(PROJECT, "dev")] = json.dumps(state(resources, list(pending))).encode()
    else:  # a first run claimed it, and made nothing
        objects[stood_key(PROJECT, "dev")] = json.dumps({"stands": False}).encode()
    if marker:
        objects[owner_key(PROJECT, "dev")] = json.dumps(marker).encode()
    monkeypatch.setattr(store, "store_of", lambda _: objects)
    upkeep = Upkeep(asked, PROJECT, Record(asked, PROJECT), lambda _: None)
    upkeep.unfit()
    return upkeep, objects


@pytest.mark.parametrize("operation_", ["up", "preview", "refresh", "destroy"])
@pytest.mark.parametrize(
    ("more", "resources", "marker", "migration"),
    [
        pytest.param({"region": "us-east-1"}, [provider(), table()], HOME, "region:eu-central-1", id="region"),
        pytest.param({"region": "us-east-1"}, [table()], None, "region:eu-central-1", id="region-by-arn"),
        pytest.param(
            {"region": "us-east-1"},
            [resource(TABLE, "orders", id="orders")],
            HOME | {"region": "eu-central-1"},
            "region:eu-central-1",
            id="region-by-marker",
        ),
        pytest.param({"account_id": "210987654321"}, [table()], HOME, "account:123456789012", id="account-by-arn"),
        pytest.param({"account_id": "210987654321"}, [provider(), table()], HOME, "account:123456789012", id="account"),
        pytest.param({}, [table()], HOME | {"blueprint": "sample"}, "blueprint:sample", id="blueprint"),
    ],
)
def test_what_stands_elsewhere_is_touched_by_no_run_and_moves_by_name_alone(
    monkeypatch: pytest.MonkeyPatch,
    operation_: str,
    more: dict[str, Any],
    resources: list[Any],
    marker: Any,
    migration: str,
) -> None:
    upkeep, objects = looked(monkeypatch, request(operation=operation_, **more), resources, marker)
    refused = upkeep.refused
    assert refused is not None
    assert refused.kind == "Immutable"
    assert f"({migration})" in refused.error
    assert f"tradai.io/migrate: {migration}" in refused.hint
    assert f"Make the resource again with {migration.replace(':', ' ')}" in refused.hint
    assert objects.writes in ([], [key for key in objects.writes if ".tradai/fences/" in key]), "no new owner either"
    permitted, _ = looked(monkeypatch, request(operation=operation_, migrations=[migration], **more), resources, marker)
    assert permitted.refused is None
    another = request(operation=operation_, migrations=["region:eu-west-1"], **more)
    assert looked(monkeypatch, another, resources, marker)[0].refused is not None


@pytest.mark.parametrize(
    ("more", "resources", "marker"),
    [
        pytest.param({}, [provider(), table()], HOME | {"region": "eu-central-1"}, id="where-it-stands"),
        pytest.param({"region": "us-east-1"}, [], HOME | {"region": "eu-central-1"}, id="nothing-ever-stood"),
        pytest.param({"region": "us-east-1"}, [provider()], HOME, id="a-provider-alone-is-nothing-in-aws"),
        pytest.param(
            {},
            [provider("us-east-1") | {"delete": True}, provider(), table()],
            HOME,
            id="a-permitted-move-that-died-half-way",
        ),
        pytest.param({}, [provider(), table("us-east-1")], HOME, id="one-resource-that-has-to-be-in-another-region"),
    ],
)
def test_what_stands_where_it_shall_or_not_at_all_is_no_move(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], resources: list[Any], marker: Any
) -> None:
    assert looked(monkeypatch, request(**more), resources, marker)[0].refused is None


def test_a_creation_that_died_in_the_other_region_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pending = [operation("creating", TABLE, "orders")]
    asked = request(region="us-east-1")
    assert looked(monkeypatch, asked, [provider()], HOME, pending)[0].refused is not None


@pytest.mark.parametrize(
    ("operation_", "owner", "told"),
    [
        ("up", "u-2", ["taken over from tradai/dev of cluster c-0"]),
        # the marker stays as it is, and goes with the stack
        ("destroy", "u-1", []),
    ],
)
def test_a_stack_is_told_to_be_taken_over_where_its_marker_says_so(
    monkeypatch: pytest.MonkeyPatch, operation_: str, owner: str, told: list[str]
) -> None:
    before = HOME | {"cluster": "c-0"}
    upkeep, objects = looked(monkeypatch, request(operation=operation_, handover="u-1"), [table()], before)
    assert upkeep.refused is None
    assert json.loads(objects[owner_key(PROJECT, "dev")])["uid"] == owner
    assert [repair.what for repair in upkeep.repairs] == told
