"""An environment that aims where it may not: said so, nothing asked or run, and it can always be deleted."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.fakes.bodies import annotated, body, changed, deleted
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.world import World
from tradai_operator.decide.settings import Settings
from tradai_operator.model.allowlist import KEY, Allowlist
from tradai_operator.reconcile.loop import Loop


def aimed(**aws: str) -> dict[str, Any]:
    return {"accountId": "123456789012", "region": "eu-central-1"} | aws


EVIL = aimed(endpointUrl="http://evil.example.com")


class Bounded(Drive):
    """A loop whose rules a test may change."""

    def __init__(self, start: dict[str, Any], settings: Settings = SETTINGS) -> None:
        super().__init__(World(), start)
        self.rules = Allowlist.parse(None)
        self.loop = Loop(start, replace(self.world.ports, allowlist=lambda: self.rules), settings)

    def restart(self, settings: Settings = SETTINGS) -> None:
        self.loop = Loop(self.body, replace(self.world.ports, allowlist=lambda: self.rules), settings)

    def permit(self, **rule: Any) -> None:
        self.rules = Allowlist.parse({KEY: yaml.safe_dump({"rules": [{"namespaces": ["tradai"]} | rule]})})


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"aws": EVIL}, "aws.endpointUrl http://evil.example.com"),
        ({"aws": aimed(assumeRoleArn="arn:aws:iam::210987654321:role/x")}, "aws.assumeRoleArn arn:aws:iam::2109"),
    ],
)
async def test_it_is_refused_in_a_sentence_and_nothing_is_asked_or_run(spec: dict[str, Any], field: str) -> None:
    drive = Bounded(body(**spec))
    await drive.turn(3)
    assert drive.status["phase"] == "Invalid"
    stalled = drive.condition("Stalled")
    assert (stalled["status"], stalled["reason"]) == ("True", "NotPermitted")
    assert stalled["message"].startswith(field)
    assert "tradai-system/tradai-allowlist" in stalled["message"]
    assert drive.world.executor.order == []
    assert drive.world.images.asked == []
    assert len(drive.world.cluster.statuses) == 1


async def test_one_that_is_refused_from_the_start_is_not_even_held_and_goes_at_once() -> None:
    start = body(aws=EVIL)
    start["metadata"]["finalizers"] = []
    drive = Bounded(start)
    await drive.turn()
    assert drive.body["metadata"]["finalizers"] == []


async def test_one_that_never_ran_goes_with_a_word() -> None:
    drive = Bounded(body(aws=EVIL))
    await drive.turn()
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
    assert drive.world.executor.order == []


async def test_a_change_of_the_rules_counts_at_the_next_turn() -> None:
    drive = Bounded(body(aws=EVIL))
    await drive.turn()
    drive.permit(endpoints=["http://evil.example.com"], ownIdentity=True, backends=["s3://*"])
    await drive.turn()
    assert {layer for _, layer in drive.world.executor.order} == {"persistent", "foundation"}


async def test_what_stands_is_not_destroyed_through_an_aim_that_is_refused_but_may_be_given_up() -> None:
    drive = Bounded(body())
    await drive.build()
    await drive.put(changed(drive.body, aws=EVIL))
    assert drive.status["phase"] == "Invalid"
    ran = list(drive.world.executor.order)
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn(2)
    assert drive.status["phase"] == "DeleteFailed"
    assert drive.condition("Stalled")["reason"] == "NotPermitted"
    assert "tradai.io/abandon=dev" in drive.condition("Stalled")["message"]
    assert drive.world.executor.order == ran
    drive.world.cluster.objects[drive.uid] = annotated(drive.body, abandon="dev")
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects


async def test_a_run_that_goes_on_while_the_rules_are_narrowed_comes_to_its_end() -> None:
    drive = Bounded(body())
    await drive.turn()
    drive.permit(endpoints=[])
    await drive.turn()
    assert drive.layer("persistent")["state"] == "Running"
    drive.world.executor.succeed("persistent", {})
    await drive.turn()
    assert drive.layer("persistent")["state"] == "Ready"
    assert drive.world.executor.cancelled == []


async def test_an_environment_whose_time_is_over_ends_though_it_is_refused() -> None:
    drive = Bounded(body(environment="eph-x", ttl="1h", deletionPolicy="Everything"))
    await drive.turn()
    await drive.put(changed(drive.body, aws=EVIL))
    assert drive.world.cluster.deletions == []
    drive.world.clock.time += 7200
    await drive.turn()
    assert drive.world.cluster.deletions == [drive.uid]


async def test_in_a_namespace_that_is_not_served_no_secret_is_read() -> None:
    drive = Bounded(body(), replace(SETTINGS, secret_namespaces=frozenset({"another"})))
    drive.world.cluster.secrets.clear()
    await drive.turn()
    assert "TRADAI_SECRET_NAMESPACES" in drive.condition("Stalled")["message"]
    drive.world.cluster.objects[drive.uid] = deleted(drive.body)
    await drive.turn()
    assert drive.uid not in drive.world.cluster.objects
