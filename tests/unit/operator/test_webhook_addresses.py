"""A webhook goes to the internet alone, unless a rule names its host: by its text, and by where that leads."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.unit.operator.test_allowlist import ACCOUNT, written
from tradai_operator.adapters.web.addresses import is_public
from tradai_operator.adapters.web.notifier import PeopleNotifier
from tradai_operator.model.allowlist import Allowlist
from tradai_operator.model.hosts import is_inside
from tradai_operator.ports import NotDeliveredError, Target
from tradai_operator.status.notices import Notice

NOTICE = Notice("sha256:1", "prod", "tradai/prod", "Approval", "prod: a change waits", "1 to delete")
HOME = "http://127.0.0.1:5000"

#: What the text alone shows.
INSIDE = (
    "kubernetes", "kubernetes.default", "localhost", "kubernetes.default.svc", "kubernetes.default.svc.", "x.internal",
    "hooks.example.com.",
    "kubernetes.default.svc.cluster.local", "printer.local", "127.0.0.1", "0x7f.1", "0X7F.0.0.1", "2130706433",
    "017700000001", "127.1", "1.2.3.4", "169.254.169.254", "app.localhost", "nas.lan", "metadata.google.internal.",
)  # fmt: skip
OUTSIDE = ("hooks.example.com", "127.0.0.1.nip.io", "vault.prod", "0x7f.example.com", "svc.example.com", "a.local.net")

NOT_PUBLIC = (
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::",
    "ff02::1", "fe80::1%eth0", "240.0.0.1",
)  # fmt: skip
PUBLIC = ("93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822")


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("port", ["", ":8443"])
def test_what_the_text_shows_is_refused_without_a_rule(host: str, port: str) -> None:
    rules = Allowlist.parse(None)
    assert is_inside(host)
    assert not rules.permits("any", "webhook", f"https://{host}{port}/x", account=ACCOUNT, own=None)


@pytest.mark.parametrize("host", OUTSIDE)
def test_what_may_be_of_the_internet_is_looked_at_when_it_is_called(host: str) -> None:
    rules = Allowlist.parse(None)
    assert rules.permits("any", "webhook", f"https://{host}/x", account=ACCOUNT, own=None)
    assert not rules.names("any", f"https://{host}/x", None)


def test_a_host_that_a_rule_names_in_full_may_be_inside_and_one_that_a_star_covers_may_not() -> None:
    rules = written(
        {"namespaces": ["a"], "webhooks": ["http://alerts.monitoring.svc:9093/hook", "https://*.corp.example"]}
    )
    for url, permitted, named in (
        ("http://alerts.monitoring.svc:9093/hook", True, True),
        ("http://alerts.monitoring.svc:9093/other", False, False),
        ("https://chat.corp.example/x", True, False),
        ("https://chat.corp.example./x", False, False),
    ):
        assert rules.permits("a", "webhook", url, account=ACCOUNT, own=HOME) is permitted
        assert rules.names("a", url, HOME) is named
    assert not rules.names("b", "http://alerts.monitoring.svc:9093/hook", HOME)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize(
    "rules", [Allowlist.parse(None), written({"namespaces": ["*"], "webhooks": ["http://127.0.0.1:*"]})]
)
def test_no_webhook_is_at_the_operators_own_endpoint(host: str, rules: Allowlist) -> None:
    url = f"http://{host}:5000/moto-api/reset"
    assert not rules.permits("any", "webhook", url, account=ACCOUNT, own=HOME)
    beside = "http://127.0.0.1:5001/x"
    assert rules.permits("any", "webhook", beside, account=ACCOUNT, own=HOME)
    assert rules.names("any", beside, HOME)


@pytest.mark.parametrize(("text", "public"), [*((a, False) for a in NOT_PUBLIC), *((a, True) for a in PUBLIC)])
def test_which_addresses_are_of_the_internet(text: str, public: bool) -> None:
    assert is_public(text) is public


class Hook:
    """A receiver on loopback, and a resolver that leads everybody there."""

    def __init__(self) -> None:
        self.port = 0
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.asked: list[str] = []
        self.answers = [["127.0.0.1"]]

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        return web.Response(status=204)

    async def lookup(self, host: str, port: int) -> list[str]:
        del port
        self.asked.append(host)
        return self.answers.pop(0)

    async def tell(self, host: str = "hooks.example.com", **how: Any) -> None:
        target = Target(webhook_url=f"http://{host}:{self.port}/s3cr3t", **how)
        await PeopleNotifier(self.lookup).notify(target, NOTICE)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    found, application = Hook(), web.Application()
    application.router.add_post("/{secret}", found.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


@pytest.mark.parametrize("leads_to", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1"]])
async def test_a_name_that_leads_inside_is_not_called(hook: Hook, leads_to: list[str]) -> None:
    hook.answers = [leads_to]
    with pytest.raises(NotDeliveredError, match="name that host in full in the allowlist") as refused:
        await hook.tell()
    assert not any(address in str(refused.value) for address in [*leads_to, "s3cr3t", "hooks.example.com"])
    assert hook.got == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433"])
async def test_an_address_in_any_spelling_is_not_called(hook: Hook, host: str) -> None:
    with pytest.raises(NotDeliveredError):
        await PeopleNotifier().notify(Target(webhook_url=f"http://{host}:{hook.port}/x"), NOTICE)
    assert hook.got == []


async def test_a_name_beyond_ascii_is_looked_at_as_it_is_called(hook: Hook) -> None:
    await hook.tell("bücher.example", inside=True)
    assert (hook.asked, len(hook.got)) == (["xn--bcher-kva.example"], 1)


async def test_what_was_looked_at_is_what_is_called_under_its_own_name(hook: Hook) -> None:
    hook.answers = [["127.0.0.1"], ["127.0.0.2"]]  # a second question would lead elsewhere
    await hook.tell(inside=True)
    [(headers, _)] = hook.got
    assert headers["host"] == f"hooks.example.com:{hook.port}"
    assert hook.asked == ["hooks.example.com"]


async def test_whoever_has_the_key_can_tell_that_a_message_is_ours(hook: Hook) -> None:
    key = b"k" * 32
    await hook.tell(inside=True, signing_key=key)
    [(headers, body)] = hook.got
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert (headers["webhook-id"], json.loads(body)["digest"]) == (NOTICE.digest, NOTICE.digest)
    assert re.fullmatch("[0-9]{10}", headers["webhook-timestamp"])


async def test_without_a_key_nothing_claims_to_be_signed(hook: Hook) -> None:
    await hook.tell(inside=True)
    [(headers, _)] = hook.got
    assert not [name for name in headers if name.startswith("webhook-")]
