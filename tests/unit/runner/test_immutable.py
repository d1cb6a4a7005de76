"""What 002 calls immutable is refused on change, told by name, and permitted by name alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tradai_blueprints.tradai.config.immutable import IMMUTABLE, LASTING
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.immutable import changes
from tradai_iac.program.binding import bind
from tradai_iac.program.exports import Exports
from tradai_iac.testing import context_for, record
from tradai_runner.guard.program import Guard, ImmutableChangeError
from tradai_runner.state.checkpoint import Recorded

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:dynamodb/table:Table"
BUCKET = "aws:s3/bucket:Bucket"
POOL = "aws:cognito/userPool:UserPool"


def known(type_: str, name: str, inputs: Mapping[str, Any] | None = None, *, retained: bool = False) -> Recorded:
    return Recorded(f"urn:{name}", type_, name, f"{name}-id", inputs or {}, {}, protect=False, retained=retained)


@pytest.mark.parametrize(
    ("type_", "property_", "old", "new", "migration"),
    [
        (VPC, "cidrBlock", "10.0.0.0/16", "10.1.0.0/16", "vpc-cidr:it"),
        (SUBNET, "cidrBlock", "10.0.1.0/24", "10.0.9.0/24", "subnet-cidr:it"),
        (SUBNET, "availabilityZone", "eu-central-1a", "eu-central-1c", "subnet-cidr:it"),
        (TABLE, "hashKey", "run_id", "job_id", "table-key:it"),
        (TABLE, "rangeKey", None, "created_at", "table-key:it"),
        (TABLE, "rangeKey", "created_at", None, "table-key:it"),
        (TABLE, "name", "tradai-a-dev", "tradai-b-dev", "table-name:it"),
        (BUCKET, "bucket", "tradai-a-dev", "tradai-b-dev", "bucket-name:it"),
        (POOL, "usernameAttributes", ["email"], ["phone_number"], "user-pool:it"),
    ],
)
def test_a_change_is_told_with_both_values_and_permitted_by_its_name_alone(
    type_: str, property_: str, old: object, new: object, migration: str
) -> None:
    recorded = [known(type_, "it", {property_: old} if old else {})]
    registered: Any = {(type_, "it"): {property_: new} if new else {}}
    (change,) = changes(TRADAI.immutable, recorded, registered, ())
    assert change.migration == migration
    assert all(text in str(change) for text in ("it", property_, repr(old), repr(new), migration))
    assert changes(TRADAI.immutable, recorded, registered, (migration,)) == ()
    assert changes(TRADAI.immutable, recorded, registered, ("table-key:another",)) == (change,)


def test_what_did_not_change_and_what_is_new_is_nobodys_business() -> None:
    recorded = [known(TABLE, "it", {"hashKey": "a", "billingMode": "PROVISIONED"})]
    registered = {(TABLE, "it"): {"hashKey": "a"}, (TABLE, "new"): {"hashKey": "b"}}
    assert changes(TRADAI.immutable, recorded, registered, ()) == ()


@pytest.mark.parametrize("rule", LASTING, ids=lambda rule: rule.type)
def test_a_resource_that_is_no_longer_declared_is_refused(rule: Any) -> None:
    (change,) = changes(TRADAI.immutable, [known(rule.type, "it")], {}, ())
    assert "no longer declared" in str(change)
    assert changes(TRADAI.immutable, [known(rule.type, "it")], {}, (f"{rule.migration}:it",)) == ()


def test_what_outlives_its_deletion_may_be_left_out() -> None:
    assert changes(TRADAI.immutable, [known(BUCKET, "state", retained=True)], {}, ()) == ()


def guarded(layer: str, recorded: list[Recorded], *permitted: str) -> Guard:
    guard = Guard(lambda: recorded, permitted, immutable=TRADAI.immutable)
    context = context_for(TRADAI, "dev")
    body = bind(TRADAI, TRADAI.layer(layer), lambda: context, {}, lambda: None, Exports(), guard)
    record(body, TRADAI.stack_project(layer), "dev")
    return guard


def recorded_of(layer: str) -> list[Recorded]:
    context = context_for(TRADAI, "dev")
    body = bind(TRADAI, TRADAI.layer(layer), lambda: context, {}, lambda: None, Exports())
    made = record(body, TRADAI.stack_project(layer), "dev")
    return [known(resource.type, resource.name, resource.inputs) for resource in made]


@pytest.mark.parametrize(("layer", "types"), [("persistent", {TABLE, BUCKET, POOL}), ("foundation", {VPC, SUBNET})])
def test_the_programs_of_today_are_let_through_and_every_guarded_value_is_a_plain_one(
    layer: str, types: set[str]
) -> None:
    recorded = recorded_of(layer)
    assert {found.type for found in recorded} & {rule.type for rule in IMMUTABLE} == types
    assert guarded(layer, recorded).failure() is None


def test_a_program_that_changes_a_key_is_refused_and_the_failure_says_how_it_is_permitted() -> None:
    recorded = [
        replace(found, inputs={**found.inputs, "hashKey": "id"}) if found.name == "deployments" else found
        for found in recorded_of("persistent")
    ]
    guard = Guard(lambda: recorded, (), immutable=TRADAI.immutable)
    context = context_for(TRADAI, "dev")
    body = bind(TRADAI, TRADAI.layer("persistent"), lambda: context, {}, lambda: None, Exports(), guard)
    with pytest.raises(ImmutableChangeError, match="deployments"):
        record(body, "tradai-persistent", "dev")
    failure = guard.failure()
    assert failure is not None
    assert failure.kind == "Immutable"
    assert "hashKey would change from 'id' to 'strategy_name'" in failure.error
    assert "tradai.io/migrate: table-key:deployments" in failure.hint
    assert "table-key:deployments@2" in failure.hint
    assert guard.migrated == (), "a refused program has used nothing"
    let_through = guarded("persistent", recorded, "table-key:deployments", "bucket-name:logs")
    assert let_through.failure() is None
    assert let_through.migrated == ("table-key:deployments",), "what it did not need is not used"
