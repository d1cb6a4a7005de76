"""Announcements arrive: by a real SNS topic in a queue behind it, by a webhook at a real HTTP server."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.integration.conftest import RunningSandbox
from tradai_operator.adapters.announcer import PeopleAnnouncer
from tradai_operator.reconcile.ports import NotAnnouncedError, Target
from tradai_operator.status.notices import Notice

NOTICE = Notice(
    digest="sha256:1",
    environment="prod",
    resource="tradai/prod",
    kind="Approval",
    subject="prod: a change waits for approval",
    text="1 to delete in persistent",
)


async def test_a_topic_delivers_subject_summary_and_ids_to_its_queue(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    sns, sqs = sandbox.client("sns"), sandbox.client("sqs")
    topic = sns.create_topic(Name="approvals-told")["TopicArn"]
    queue = sqs.create_queue(QueueName="approvals-told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    await PeopleAnnouncer().announce(Target(topic_arn=topic, endpoint_url=sandbox.endpoint), NOTICE)
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(message["Body"])
    assert (told["Subject"], told["Message"]) == (NOTICE.subject, NOTICE.text)
    assert told["MessageAttributes"]["digest"]["Value"] == NOTICE.digest


async def test_a_topic_that_is_not_there_is_said(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    target = Target(topic_arn="arn:aws:sns:eu-central-1:123456789012:nobody", endpoint_url=sandbox.endpoint)
    with pytest.raises(NotAnnouncedError, match="NotFound"):
        await PeopleAnnouncer().announce(target, NOTICE)


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
    await PeopleAnnouncer().announce(Target(webhook_url=hook.url), NOTICE)
    [told] = hook.got
    assert told["digest"] == NOTICE.digest
    assert told["text"] == f"{NOTICE.subject}\n{NOTICE.text}"
    assert (told["environment"], told["resource"]) == ("prod", "tradai/prod")


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_answer_that_is_none_is_a_failure_and_no_redirect_is_followed(hook: Hook, status: int) -> None:
    hook.status = status
    with pytest.raises(NotAnnouncedError, match=str(status)):
        await PeopleAnnouncer().announce(Target(webhook_url=hook.url), NOTICE)
    assert len(hook.got) == 1


async def test_a_failure_does_not_show_the_address() -> None:
    with pytest.raises(NotAnnouncedError) as caught:
        await PeopleAnnouncer().announce(Target(webhook_url="http://127.0.0.1:1/s3cr3t"), NOTICE)
    assert "s3cr3t" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)
