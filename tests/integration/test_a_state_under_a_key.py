"""A state that a key of KMS opens, by hand on the real engine: the key is all it needs, and a lost one is named."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tradai_iac.backend import engine_url, stack_reference
from tradai_runner.bucket.keys import state_key

ENVIRONMENT = "eph-key"
EXAMPLE = Path(__file__).parents[2] / "crds" / "examples" / "env-sample.yaml"
BUCKET = "tradai-pulumi-state-dev"
TOKEN = "a token that nobody else has"


class Hand:
    """A person without a passphrase, on a machine that has never seen the environment before."""

    def __init__(self, sandbox: RunningSandbox, folder: Path, key: str) -> None:
        self.sandbox = sandbox
        self._folder = folder
        self._machines = 0
        self.manifest = self._written("key", awskms=key)
        self.by_passphrase = self._written("passphrase", passphraseSecretRef={"name": "tradai-state", "key": "x"})

    def _written(self, name: str, **secrets: Any) -> Path:
        body = yaml.safe_load(EXAMPLE.read_text())
        body["spec"] |= {"environment": ENVIRONMENT, "state": {"backendUrl": f"s3://{BUCKET}", "secrets": secrets}}
        body["spec"]["layers"]["work"]["config"]["secrets"] = {"token": {"secretRef": {"name": "s", "key": "k"}}}
        (path := self._folder / f"{name}.yaml").write_text(yaml.safe_dump(body))
        return path

    def environment(self, **more: str) -> dict[str, str]:
        """Of a machine that is new each time."""
        self._machines += 1
        home = self._folder / f"home-{self._machines}"
        home.mkdir()
        own = {name: value for name, value in self.sandbox.env.items() if name != "PULUMI_CONFIG_PASSPHRASE"}
        return {**own, "HOME": str(home), "COLUMNS": "500", "TRADAI_SECRET_TOKEN": TOKEN, **more}

    def infra(self, *words: str, status: int = 0, manifest: Path | None = None, **more: str) -> str:
        command = ["tradai", "infra", *words, "--file", str(manifest or self.manifest)]
        ran = subprocess.run(command, env=self.environment(**more), capture_output=True, text=True, check=False)
        assert ran.returncode == status, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def plain(self, *words: str) -> str:
        """What the engine itself says of the layer `work`, where nothing of the project is."""
        (folder := self._folder / "plain").mkdir(exist_ok=True)
        (folder / "Pulumi.yaml").write_text("name: sample-work\nruntime: python\n")
        backend = engine_url(f"s3://{BUCKET}", "eu-central-1", self.sandbox.endpoint)
        command = ["pulumi", *words, "--stack", stack_reference("sample-work", ENVIRONMENT), "--non-interactive"]
        env = self.environment(PULUMI_BACKEND_URL=backend)
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True).stdout

    def provider(self, layer: str) -> dict[str, Any]:
        """How the layer's state says that it is protected."""
        body = self.sandbox.client("s3").get_object(Bucket=BUCKET, Key=state_key(f"sample-{layer}", ENVIRONMENT))
        text = body["Body"].read().decode()
        assert TOKEN not in text
        found: dict[str, Any] = json.loads(text)["checkpoint"]["latest"]["secrets_providers"]
        return found


@pytest.fixture(scope="module")
def key(sandbox: RunningSandbox) -> str:
    return str(sandbox.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture(scope="module")
def hand(sandbox: RunningSandbox, key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    hand = Hand(sandbox, tmp_path_factory.mktemp("key"), key)
    for layer in ("store", "work"):
        hand.infra("up", layer, ENVIRONMENT)
    yield hand
    for layer in ("work", "store"):
        hand.infra("down", layer, ENVIRONMENT, "--yes")
        assert hand.provider(layer)["type"] == "cloud"


def test_the_state_says_which_key_opens_it_and_never_where_aws_is(hand: Hand, key: str) -> None:
    for layer in ("store", "work"):
        provider = hand.provider(layer)
        assert (provider["type"], provider["state"]["url"]) == ("cloud", f"awskms:///{key}?region=eu-central-1")
        assert provider["state"]["encryptedkey"]


def test_a_machine_that_has_nothing_goes_on_from_there(hand: Hand) -> None:
    again = hand.infra("preview", "work", ENVIRONMENT)
    assert "unchanged" in again
    assert not any(f" to {verb}" in again for verb in ("create", "update", "delete", "replace")), again


def test_secret_outputs_are_opened_by_the_key_alone(hand: Hand) -> None:
    assert TOKEN in hand.infra("outputs", "work", ENVIRONMENT, "--show-secrets")
    assert TOKEN not in hand.infra("outputs", "work", ENVIRONMENT)
    assert TOKEN in hand.plain("stack", "output", "--show-secrets", "--json")


def test_what_is_written_for_the_plain_tool_names_the_key(hand: Hand, key: str) -> None:
    text = hand.infra("config", "work", ENVIRONMENT)
    assert yaml.safe_load(text)["secretsprovider"] == f"awskms:///{key}?region=eu-central-1"


def test_a_passphrase_does_not_take_the_keys_place(hand: Hand) -> None:
    before = hand.provider("work")
    for words in (
        ("up", "work", ENVIRONMENT),
        ("refresh", "work", ENVIRONMENT),
        ("down", "work", ENVIRONMENT, "--yes"),
    ):
        said = hand.infra(*words, status=1, manifest=hand.by_passphrase, PULUMI_CONFIG_PASSPHRASE="any")
        assert "the secrets of this state are protected by the key" in said
    assert hand.provider("work") == before


@pytest.mark.parametrize("words", [("up", "work", ENVIRONMENT), ("refresh", "work", ENVIRONMENT)], ids=lambda w: w[0])
def test_a_key_that_does_not_serve_is_named_with_what_helps(hand: Hand, key: str, words: tuple[str, ...]) -> None:
    kms = hand.sandbox.client("kms")
    kms.disable_key(KeyId=key)
    try:
        said = hand.infra(*words, status=1)
    finally:
        kms.enable_key(KeyId=key)
    assert "DisabledException" in said
    assert "The key of spec.state.secrets.awskms does not serve whoever runs the layers" in said
    hand.infra(*words)


def test_a_copy_of_the_state_is_put_back_with_the_key(hand: Hand) -> None:
    def state(*words: str, **more: Any) -> str:
        command = ["tradai", "state", *words, "--file", str(hand.manifest)]
        ran = subprocess.run(command, env=hand.environment(), capture_output=True, text=True, check=True, **more)
        return str(ran.stdout)

    state("backup", ENVIRONMENT, "work")
    copy = state("list", ENVIRONMENT, "work").rpartition(":")[2].split(",")[-1].strip()
    state("restore", ENVIRONMENT, "work", copy, input=f"{ENVIRONMENT}\n")
    assert "unchanged" in hand.infra("preview", "work", ENVIRONMENT)
