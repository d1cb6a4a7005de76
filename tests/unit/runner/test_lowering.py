"""What keeps data and is lowered counts as destructive: one row a change, for every line of the table."""

import importlib
import inspect
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runner.test_plan import planned, step
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.blueprints import BLUEPRINTS
from tradai_iac.rendering import render
from tradai_iac.safeguards import SAFEGUARDS
from tradai_runner.plan.changes import sentence
from tradai_runner.plan.safeguards import lowered

LOG = "aws:cloudwatch/logGroup:LogGroup"
DATABASE = "aws:rds/instance:Instance"
QUEUE = "aws:sqs/queue:Queue"
SECRET = "aws:secretsmanager/secret:Secret"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
BUCKET = "aws:s3/bucket:Bucket"
TABLE = "aws:dynamodb/table:Table"
POOL = "aws:cognito/userPool:UserPool"
IMAGES = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPOSITORY = "aws:ecr/repository:Repository"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def rules(*each: tuple[str, int | None], bucket: Any = "logs-dev") -> dict[str, Any]:
    """A lifecycle: the id of each rule, and after how many days it deletes."""
    made = [{"id": id_, "status": "Enabled", **({"expiration": {"days": days}} if days else {})} for id_, days in each]
    return {"bucket": bucket, "rules": made}


def images(count: int) -> dict[str, Any]:
    rule = {"rulePriority": 1, "selection": {"countType": "sinceImagePushed", "countNumber": count}}
    return {"repository": "tradai/backend-dev", "policy": json.dumps({"rules": [rule]})}


def versions(status: str) -> dict[str, Any]:
    return {"bucket": "logs-dev", "versioningConfiguration": {"status": status}}


def recovery(**values: Any) -> dict[str, Any]:
    return {"pointInTimeRecovery": values}


#: (type, what keeps more, what keeps less, how a person is told of the way down)
ROWS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (LOG, {"retentionInDays": 90.0}, {"retentionInDays": 7.0}, "lowers retentionInDays of {}: 90 → 7"),
    (LOG, {}, {"retentionInDays": 7}, "lowers retentionInDays of {}: never → 7"),
    (LOG, {"retentionInDays": 0}, {"retentionInDays": 3653}, "lowers retentionInDays of {}: never → 3653"),
    (LOG, {"skipDestroy": True}, {"skipDestroy": False}, "switches off skipDestroy of {}"),
    (DATABASE, {"backupRetentionPeriod": 7}, {"backupRetentionPeriod": 0}, "lowers backupRetentionPeriod of {}: 7 → 0"),
    (DATABASE, {"backupRetentionPeriod": 7}, {}, "lowers backupRetentionPeriod of {}: 7 → 1"),
    (DATABASE, {"deletionProtection": True}, {"deletionProtection": False}, "switches off deletionProtection of {}"),
    (DATABASE, {"deletionProtection": True}, {}, "switches off deletionProtection of {}"),
    (DATABASE, {"skipFinalSnapshot": False}, {"skipFinalSnapshot": True}, "switches on skipFinalSnapshot of {}"),
    (DATABASE, {}, {"skipFinalSnapshot": True}, "switches on skipFinalSnapshot of {}"),
    (DATABASE, {"deleteAutomatedBackups": False}, {}, "switches on deleteAutomatedBackups of {}"),
    (QUEUE, {"messageRetentionSeconds": 1209600}, {}, "lowers messageRetentionSeconds of {}: 1209600 → 345600"),
    (QUEUE, {"messageRetentionSeconds": 345600}, {"messageRetentionSeconds": 60},
     "lowers messageRetentionSeconds of {}: 345600 → 60"),
    (SECRET, {"recoveryWindowInDays": 30}, {"recoveryWindowInDays": 0}, "lowers recoveryWindowInDays of {}: 30 → 0"),
    (SECRET, {}, {"recoveryWindowInDays": 7}, "lowers recoveryWindowInDays of {}: 30 → 7"),
    (LIFECYCLE, rules(("delete", 90)), rules(("delete", 30)), "lowers rules[delete].expiration.days of {}: 90 → 30"),
    (LIFECYCLE, rules(("delete", None)), rules(("delete", 30)),
     "lowers rules[delete].expiration.days of {}: never → 30"),
    (LIFECYCLE, rules(("a", 90)), rules(("a", 90), ("b", 7)),
     "lowers rules[b].expiration.days of {}: never → 7"),
    (LIFECYCLE, rules(("a", 7), ("b", 90)), rules(("b", 30), ("a", 7)),
     "lowers rules[b].expiration.days of {}: 90 → 30"),
    (LIFECYCLE, {"rules": [{"id": "a", "status": "Disabled", "expiration": {"days": 7}}]}, rules(("a", 7)),
     "switches on rules[a].status of {}"),
    (LIFECYCLE, {"rules": [{"id": "a", "noncurrentVersionExpiration": {"noncurrentDays": 30}}]},
     {"rules": [{"id": "a", "noncurrentVersionExpiration": {"noncurrentDays": 1}}]},
     "lowers rules[a].noncurrentVersionExpiration.noncurrentDays of {}: 30 → 1"),
    (LIFECYCLE, {"rules": [{"id": "a", "noncurrentVersionExpiration": {"newerNoncurrentVersions": 20}}]},
     {"rules": [{"id": "a", "noncurrentVersionExpiration": {"newerNoncurrentVersions": 5}}]},
     "lowers rules[a].noncurrentVersionExpiration.newerNoncurrentVersions of {}: 20 → 5"),
    (VERSIONING, versions("Enabled"), versions("Suspended"), "switches off versioningConfiguration.status of {}"),
    (BUCKET, {"forceDestroy": False}, {"forceDestroy": True}, "switches on forceDestroy of {}"),
    (TABLE, {}, {"ttl": {"enabled": True, "attributeName": "until"}}, "switches on ttl.enabled of {}"),
    (TABLE, recovery(enabled=True), recovery(enabled=False), "switches off pointInTimeRecovery.enabled of {}"),
    (TABLE, recovery(enabled=True), {}, "switches off pointInTimeRecovery.enabled of {}"),
    (TABLE, recovery(enabled=True, recoveryPeriodInDays=35), recovery(enabled=True, recoveryPeriodInDays=2),
     "lowers pointInTimeRecovery.recoveryPeriodInDays of {}: 35 → 2"),
    (TABLE, {"deletionProtectionEnabled": True}, {}, "switches off deletionProtectionEnabled of {}"),
    (POOL, {"deletionProtection": "ACTIVE"}, {"deletionProtection": "INACTIVE"},
     "switches off deletionProtection of {}"),
    (IMAGES, images(14), images(1), "lowers policy.rules[1].selection.countNumber of {}: 14 → 1"),
    (REPOSITORY, {"forceDelete": False}, {"forceDelete": True}, "switches on forceDelete of {}"),
    (BALANCER, {"enableDeletionProtection": True}, {"enableDeletionProtection": False},
     "switches off enableDeletionProtection of {}"),
]  # fmt: skip
IDS = [f"{row[0].rpartition(':')[2]}: {row[3].replace(' of {}', '')}" for row in ROWS]


@pytest.mark.parametrize(("type_", "more", "less", "told"), ROWS, ids=IDS)
def test_what_keeps_less_is_destructive_and_said(
    type_: str, more: dict[str, Any], less: dict[str, Any], told: str
) -> None:
    summary = planned(step("update", type_, "x", old=more, new=less)).summary()
    assert summary.destructive_total == 1
    assert summary.destructive == (told.format(*[f"{type_} x"] * told.count("{}")),)
    assert summary.update == 1


@pytest.mark.parametrize(("type_", "more", "less", "_"), ROWS, ids=IDS)
def test_what_keeps_more_or_the_same_asks_nobody(
    type_: str, more: dict[str, Any], less: dict[str, Any], _: str
) -> None:
    for old, new in ((less, more), (more, more), (less, less)):
        assert lowered(SAFEGUARDS, type_, "update", old, new) == ()


def test_every_line_of_the_table_is_in_a_row_here() -> None:
    told = re.sub(r"\[[a-z0-9]+\]", "[*]", " ".join(f"{row[0]} {row[3]}" for row in ROWS))
    for line in SAFEGUARDS:
        assert line.type in told
        assert line.property in told


def test_every_blueprint_has_the_table() -> None:
    assert {blueprint.safeguards for blueprint in BLUEPRINTS.values()} == {SAFEGUARDS}


@pytest.mark.parametrize("line", SAFEGUARDS, ids=lambda line: f"{line.type} {line.property}")
def test_every_line_names_a_property_that_the_type_has(line: Any) -> None:
    _, module, name = line.type.split(":")
    class_ = getattr(importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}"), name)
    head = re.match("[A-Za-z]+", line.property)
    assert head is not None
    snake = re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", head[0])
    assert snake in inspect.signature(class_._internal_init).parameters
    assert not line.rules or line.rules[0] in inspect.signature(class_._internal_init).parameters


@pytest.mark.parametrize("value", [UNKNOWN, "[secret]", "soon", True])
def test_what_cannot_be_compared_counts_as_lowered_and_is_not_shown(value: Any) -> None:
    for old, new in ((30, value), (value, 30)):
        (change,) = planned(
            step("update", SECRET, "x", old={"recoveryWindowInDays": old}, new={"recoveryWindowInDays": new})
        ).destructive
        assert "unknown" in sentence(change)
        assert str(value) not in sentence(change)


def test_a_lifecycle_made_for_what_stands_is_told_and_one_of_a_new_bucket_is_not() -> None:
    standing = planned(step("create", LIFECYCLE, "logs", new=rules(("delete", 30)))).summary()
    assert standing.destructive_total == 1
    assert "never → 30" in standing.destructive[0]
    assert planned(step("create", LIFECYCLE, "logs", new=rules(("delete", 30), bucket=UNKNOWN))).destructive == ()
    assert planned(step("create", LOG, "x", new={"retentionInDays": 7})).destructive == (), "it is a new group"


def test_the_rule_for_states_is_told_where_the_bucket_stood_and_not_where_it_is_taken_over() -> None:
    (declared,) = [
        (r.type, r.inputs)
        for r in render(
            replace(TRADAI, layers=TRADAI.layers[:1]), "dev", "eu-central-1", {}, "tradai-pulumi-state-dev"
        )["persistent"]
        if r.type == LIFECYCLE and r.name == "state"
    ]
    made = step("create", LIFECYCLE, "state", new={**declared[1], "bucket": "tradai-pulumi-state-dev"})
    taken = step("import", BUCKET, "state", new={"bucket": "tradai-pulumi-state-dev"})
    assert planned(made, taken).destructive == ()
    (told,) = planned(made).summary().destructive
    assert "never → 30" in told


def test_one_for_a_repository_that_the_same_plan_makes_is_not_told_though_its_name_is_known() -> None:
    policy = step("create", IMAGES, "momentum", new=images(14))
    repository = step("create", REPOSITORY, "momentum", new={"name": "tradai/backend-dev"})
    another = step("create", REPOSITORY, "other", new={"name": "tradai/other-dev"})
    assert planned(policy, repository).destructive == ()
    assert planned(repository, policy).destructive == ()
    assert len(planned(policy, another).destructive) == 1


def test_what_the_bridge_notes_of_defaults_is_no_value() -> None:
    old = {"retentionInDays": 90, "__defaults": ["skipDestroy"]}
    assert lowered(SAFEGUARDS, LOG, "update", old, {"retentionInDays": 90, "__defaults": []}) == ()


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_of_two_ages_at_most_one_way_is_a_lowering(one: int, other: int) -> None:
    for type_, name in ((LOG, "retentionInDays"), (DATABASE, "backupRetentionPeriod")):
        there = lowered(SAFEGUARDS, type_, "update", {name: one}, {name: other})
        back = lowered(SAFEGUARDS, type_, "update", {name: other}, {name: one})
        assert bool(there) + bool(back) == (one != other)


def test_a_rule_that_deletes_nothing_lowers_nothing() -> None:
    glacier = {"id": "to-glacier", "status": "Enabled", "transitions": [{"days": 30, "storageClass": "GLACIER"}]}
    assert lowered(SAFEGUARDS, LIFECYCLE, "update", {"rules": []}, {"rules": [glacier]}) == ()


def test_from_production_to_development_the_programs_own_inputs_lower_what_differs() -> None:
    def inputs(environment: str) -> dict[tuple[str, str], Any]:
        runs = render(replace(TRADAI, layers=TRADAI.layers[:2]), environment, "eu-central-1", {}, None)
        return {(found.type, found.name): found.inputs for run in runs.values() for found in run}

    def down(old: dict[tuple[str, str], Any], new: dict[tuple[str, str], Any]) -> set[tuple[str, str]]:
        both = old.keys() & new.keys()
        return {(key[0], e.path) for key in both for e in lowered(SAFEGUARDS, key[0], "update", old[key], new[key])}

    dev, prod = inputs("dev"), inputs("prod")
    found = down(prod, dev)
    assert {
        (LOG, "retentionInDays"),
        (DATABASE, "backupRetentionPeriod"),
        (DATABASE, "deletionProtection"),
        (DATABASE, "skipFinalSnapshot"),
        (TABLE, "deletionProtectionEnabled"),
        (POOL, "deletionProtection"),
        (BUCKET, "forceDestroy"),
        (REPOSITORY, "forceDelete"),
        (SECRET, "recoveryWindowInDays"),
    } <= found
    assert not down(dev, prod) & found
