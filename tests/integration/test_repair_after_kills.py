"""kill -9 in the middle of creations, on the real engine: nothing twice, nothing lost, nobody's lock broken."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.integration.conftest import RunningSandbox
from tests.integration.interrupted import BUCKET, PROJECT, Begun, Stack, killed
from tradai_runner.bucket.keys import state_key
from tradai_runner.contract import RunResult

QUEUE, ROLE, GROUP = "aws:sqs/queue:Queue", "aws:iam/role:Role", "aws:ec2/securityGroup:SecurityGroup"
FLEET, DATABASE = "aws:autoscaling/group:Group", "aws:rds/instance:Instance"
ENVIRONMENT = "eph-kill"


@pytest.fixture
def stack(sandbox: RunningSandbox, tmp_path: Path) -> Stack:
    return Stack(sandbox, ENVIRONMENT, tmp_path)


def interrupted(stack: Stack, types: set[str], kill: str) -> RunResult | None:
    """A run that is killed at the first of these types; its result, where its runner lived to write one."""
    kills = {"runner": lambda run: _orphan(stack, run), "engine": Begun.kill_engine, "both": Begun.kill_both}
    run = killed(stack, types, kills[kill])
    return run.end() if kill == "engine" else None


def _orphan(stack: Stack, run: Begun) -> None:
    """While an engine without a runner lives, nobody else works on its stack; left alone, it ends by itself."""
    (engine,) = run.engines()
    engine.suspend()
    run.kill_runner()
    stack.slow("0ms")
    second = stack.run()
    assert second.failure is not None
    assert second.failure.kind == "Lock"
    assert f"(process {engine.pid})" in second.failure.error
    assert second.repairs == ()
    # what the engine had asked before it was suspended may arrive meanwhile, by the port that outlives its runner
    assert stack.writer() == run.journal.request().run_id
    engine.resume()


def named(stack: Stack) -> Counter[str]:
    """How often each thing of this environment is in AWS, over plain calls."""
    queues = stack.aws("sqs").list_queues().get("QueueUrls", [])
    roles = stack.aws("iam").get_paginator("list_roles").paginate().build_full_result()["Roles"]
    groups = stack.aws("ec2").describe_security_groups()["SecurityGroups"]
    fleets = stack.aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    databases = stack.aws("rds").describe_db_instances()["DBInstances"]
    names = [
        *(f"{QUEUE} {url.rpartition('/')[2]}" for url in queues),
        *(f"{ROLE} {role['RoleName']}" for role in roles),
        *(f"{GROUP} {group['GroupName']}" for group in groups),
        *(f"{FLEET} {fleet['AutoScalingGroupName']}" for fleet in fleets),
        *(f"{DATABASE} {database['DBInstanceIdentifier']}" for database in databases),
    ]
    return Counter(name for name in names if ENVIRONMENT in name)


@pytest.mark.timeout(1800)
def test_killed_again_and_again_it_converges_with_exactly_one_of_each(stack: Stack) -> None:
    left = {QUEUE, ROLE, GROUP, FLEET, DATABASE}
    kills = iter(("runner", "both"))
    repaired: list[str] = []
    while left:
        result = interrupted(stack, left, next(kills, "engine"))
        if result:
            assert result.failure is not None
            assert result.failure.kind == "Lost"
            repaired += [repair.urn for repair in result.repairs]
        hit = left & set(stack.pending())
        assert hit, "a kill that hit nothing"
        assert stack.locks()
        left -= hit

    last = stack.run()
    assert last.outcome == "succeeded", last.failure
    repaired += [repair.urn for repair in last.repairs]
    assert all(any(f"{type_}::" in urn for urn in repaired) for type_ in (GROUP, FLEET, DATABASE))
    assert stack.pending() == stack.locks() == []
    assert stack.state().get("pending_operations", []) == []
    assert set(named(stack).values()) == {1}
    for type_, times in Counter(name.partition(" ")[0] for name in named(stack)).items():
        assert len(stack.ids(type_)) == times, type_

    again = stack.run()
    assert again.outcome == "succeeded"
    assert again.repairs == ()
    counts = again.resources
    assert (counts.created, counts.updated, counts.replaced, counts.deleted) == (0, 0, 0, 0)

    _update_interrupted(stack)


def _update_interrupted(stack: Stack) -> None:
    """A change that was under way is read anew; the engine then forgets it."""
    key = state_key(PROJECT, ENVIRONMENT)
    body = json.loads(stack.aws("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
    latest = body["checkpoint"]["latest"]
    queue = next(found for found in latest["resources"] if found["type"] == QUEUE)
    stack.aws("sqs").set_queue_attributes(QueueUrl=queue["id"], Attributes={"VisibilityTimeout": "7"})
    latest["pending_operations"] = [{"resource": queue, "type": "updating"}]
    stack.aws("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(body).encode())
    result = stack.run()
    assert result.outcome == "succeeded", result.failure
    assert [repair.urn for repair in result.repairs] == [queue["urn"]]
    assert result.resources.updated == 1
    assert not stack.state().get("pending_operations")
