"""Where people are told, and how: addresses and keys in Secrets, signatures, and what the operator's rules permit."""

from base64 import b64encode
from typing import Any

import pytest

from tests.fakes.notified import TOPIC, ask, settle, standing


async def test_an_address_in_a_secret_is_read_when_it_is_needed_and_shown_nowhere() -> None:
    drive = await standing(webhookSecretRef={"name": "hook", "key": "url"})
    await ask(drive)
    assert "Secret hook in namespace tradai has no key url" in drive.status["notices"][-1]["error"]
    drive.world.cluster.secrets["tradai", "hook"] = {"url": "https://hooks.example.com/s3cr3t\n"}
    drive.world.clock.time = (await drive.turn() or 0) + 1
    await settle(drive)
    [(target, _)] = drive.world.notifier.told
    assert target.webhook_url == "https://hooks.example.com/s3cr3t"
    assert "s3cr3t" not in repr(target)
    assert "s3cr3t" not in str(drive.body)


KEY = b"0123456789abcdef0123456789abcdef"
SIGNED: dict[str, Any] = {
    "webhookUrl": "https://hooks.example.com/x",
    "signingSecretRef": {"name": "hook", "key": "signing"},
}


@pytest.mark.parametrize("text", [KEY.decode(), f"whsec_{b64encode(KEY).decode()}\n"], ids=["as it is", "in base64"])
async def test_what_a_webhook_gets_is_signed_with_the_key_that_the_spec_names(text: str) -> None:
    drive = await standing(**SIGNED)
    drive.world.cluster.secrets["tradai", "hook"] = {"signing": text}
    await ask(drive)
    [(target, _)] = drive.world.notifier.told
    assert (target.signing_key, target.inside) == (KEY, False)
    assert KEY.decode() not in repr(target) + str(drive.body)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "Secret hook in namespace tradai has no key signing"),
        ({"signing": "short"}, "key signing of Secret hook is too short: take at least 24 bytes"),
        ({"signing": "whsec_c2hvcnQ="}, "key signing of Secret hook is too short"),
        ({"signing": "whsec_?"}, "key signing of Secret hook is not valid base64 after whsec_"),
    ],
)
async def test_without_a_key_that_is_fit_nothing_is_sent_unsigned(values: dict[str, str], says: str) -> None:
    drive = await standing(**SIGNED)
    drive.world.cluster.secrets["tradai", "hook"] = values
    await ask(drive)
    assert not drive.world.notifier.told
    assert says in drive.status["notices"][-1]["error"]


@pytest.mark.parametrize(
    "notify",
    [{"topicArn": TOPIC.replace("123456789012", "210987654321")}, {"webhookUrl": "http://169.254.169.254/latest"}],
    ids=["another account's topic", "an inner address"],
)
async def test_nothing_is_sent_where_the_operators_rules_do_not_permit_it(notify: dict[str, str]) -> None:
    drive = await standing(**notify)
    await ask(drive)
    assert not drive.world.notifier.told
    assert "ask the people who run the operator" in drive.status["notices"][-1]["error"]
    assert not [value for value in notify.values() if value in drive.status["notices"][-1]["error"]]
