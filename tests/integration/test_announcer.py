"""Announcements arrive: by a real SNS topic in a queue behind it, by a webhook at a real HTTP server."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from tests.fakes.bodies import body, changed
from tests.fakes.drive import SETTINGS, Drive
from tests.fakes.executor import PASSPHRASE
from tests.fakes.world import World
from tests.integration.conftest import RunningSandbox
from tradai_operator.adapters.web.notifier import PeopleNotifier
from tradai_operator.ports import NotDeliveredError, Target
from tradai_operator.reconcile.loop import Loop
from tradai_operator.reconcile.shared import Ports
from tradai_operator.status.notices import Notice

NOTICE = Notice(
    digest="sha256:1",
    environment="prod",
    resource="tradai/prod",
    kind="Approval",
    subject="prod: a change waits for approval",
    text="1 to delete in persistent",
)


def topic_and_queue(sandbox: RunningSandbox, name: str) -> tuple[str, str]:
    """A topic, and a queue that gets what is published there."""
    sns, sqs = sandbox.client("sns"), sandbox.client("sqs")
    topic, queue = sns.create_topic(Name=name)["TopicArn"], sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


async def test_a_topic_delivers_subject_summary_and_ids_to_its_queue(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    sqs = sandbox.client("sqs")
    topic, queue = topic_and_queue(sandbox, "approvals-told")
    await PeopleNotifier().notify(Target(topic_arn=topic, endpoint_url=sandbox.endpoint), NOTICE)
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(message["Body"])
    assert (told["Subject"], told["Message"]) == (NOTICE.subject, NOTICE.text)
    assert told["MessageAttributes"]["digest"]["Value"] == NOTICE.digest


class Telling(World):
    """Fakes all round, but people are really told."""

    @property
    def ports(self) -> Ports:
        return replace(super().ports, notifier=PeopleNotifier())


async def test_a_layer_that_stands_still_is_really_told_once_and_without_a_secret(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    topic, queue = topic_and_queue(sandbox, "stalled-told")
    drive = Drive(Telling(), body(notify={"topicArn": topic}))
    drive.loop = Loop(drive.body, drive.world.ports, replace(SETTINGS, endpoint_url=sandbox.endpoint))
    await drive.build()
    await drive.put(changed(drive.body, layers={"persistent": {"config": {"strategyRepositories": ["momentum"]}}}))
    drive.world.executor.fail("persistent", "Unresolved", f"AWS does not take {PASSPHRASE}")
    await drive.turn()
    drive.loop._woken.clear()  # by the resource itself; the next one to wake it is the delivery
    await asyncio.wait_for(drive.loop._woken.wait(), 60)
    await drive.turn(3)
    [noted] = drive.status["notices"]
    assert (noted["kind"], noted["error"]) == ("Stalled", "")
    found = sandbox.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    [told] = [json.loads(message["Body"]) for message in found]
    assert told["Subject"] == "dev: persistent is stuck (Unresolved)"
    assert "AWS does not take [secret]. Do something." in told["Message"]
    assert "tradai retry dev persistent" in told["Message"]
    assert told["MessageAttributes"]["kind"]["Value"] == "Stalled"
    assert told["MessageAttributes"]["digest"]["Value"] == noted["digest"]


async def test_a_topic_that_is_not_there_is_said(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    target = Target(topic_arn="arn:aws:sns:eu-central-1:123456789012:nobody", endpoint_url=sandbox.endpoint)
    with pytest.raises(NotDeliveredError, match="NotFound"):
        await PeopleNotifier().notify(target, NOTICE)


class Hook:
    """A webhook that notes what it gets and answers what it is told to."""

    def __init__(self) -> None:
        self.status = 204
        self.headers: dict[str, str] = {}
        self.got: list[dict[str, Any]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    found = Hook()
    application = web.Application()
    application.router.add_post("/{secret}", found.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/s3cr3t"
    yield found
    await runner.cleanup()


async def test_a_webhook_gets_the_summary_as_json(hook: Hook) -> None:
    await PeopleNotifier().notify(Target(webhook_url=hook.url, inside=True), NOTICE)
    [told] = hook.got
    assert told["digest"] == NOTICE.digest
    assert told["text"] == f"{NOTICE.subject}\n{NOTICE.text}"
    assert (told["environment"], told["resource"]) == ("prod", "tradai/prod")


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_answer_that_is_none_is_a_failure_and_no_redirect_is_followed(hook: Hook, status: int) -> None:
    hook.status = status
    with pytest.raises(NotDeliveredError, match=str(status)):
        await PeopleNotifier().notify(Target(webhook_url=hook.url, inside=True), NOTICE)
    assert len(hook.got) == 1


async def test_a_failure_does_not_show_the_address() -> None:
    with pytest.raises(NotDeliveredError) as caught:
        await PeopleNotifier().notify(Target(webhook_url="http://127.0.0.1:1/s3cr3t", inside=True), NOTICE)
    assert "s3cr3t" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)
