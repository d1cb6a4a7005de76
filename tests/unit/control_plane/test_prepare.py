"""The init step: it keeps what it makes, follows whoever was first, and writes files that hold what they must."""

import base64
import json
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tradai_control_plane.__main__ import main
from tradai_control_plane.base import StepError
from tradai_control_plane.bundle import Bundle
from tradai_control_plane.files import files, password_file
from tradai_control_plane.keys import MAKERS
from tradai_control_plane.prepare import Wanted, database_password, kept_bundle, prepare, wanted
from tradai_control_plane.rotation import announced, turned
from tradai_control_plane.store import Folder, Kept, SecretsManager, parsed

NOW = datetime.now(UTC).replace(microsecond=0)
PASSWORD = ("kubernetes", "pass:word\\")
ENVIRONMENT = {
    "TRADAI_AUTHORITY_SECRET": "arn:authority",
    "TRADAI_DATABASE_SECRET": "arn:database",
    "TRADAI_DATABASE_HOST": "db.example.com",
    "TRADAI_API_NAMES": "localhost,api.example.com",
    "TRADAI_FILES": "/control-plane",
}


def asked(folder: Path) -> Wanted:
    return wanted({**ENVIRONMENT, "TRADAI_FILES": str(folder)})


def test_a_variable_that_is_missing_is_named() -> None:
    with pytest.raises(StepError, match="TRADAI_API_NAMES, TRADAI_FILES"):
        wanted({name: ENVIRONMENT[name] for name in list(ENVIRONMENT)[:3]})


def test_twice_keeps_the_authority_and_signs_anew(tmp_path: Path) -> None:
    store = Folder(tmp_path / "kept")
    first = prepare(asked(tmp_path / "one"), store, lambda: PASSWORD, NOW)
    second = prepare(asked(tmp_path / "two"), store, lambda: PASSWORD, NOW + timedelta(hours=1))
    assert first == second
    one, two = ((tmp_path / each / "server.crt").read_text() for each in ("one", "two"))
    assert one != two


def test_only_the_owner_reads_what_is_written(tmp_path: Path) -> None:
    prepare(asked(tmp_path), Folder(tmp_path / "kept"), lambda: PASSWORD, NOW)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir() if path.is_file()}
    assert set(modes.values()) == {0o600}


def test_no_file_has_the_key_of_an_authority() -> None:
    bundle = announced(turned(Bundle(), NOW, MAKERS), NOW, MAKERS)
    texts = files(bundle, (), NOW).values()
    assert not any(each.key in text for each in bundle.authorities for text in texts)


def test_the_api_server_is_known_by_the_names_that_people_use() -> None:
    found = files(turned(Bundle(), NOW, MAKERS), ("api.example.com", "localhost"), NOW)["server.crt"]
    names = x509.load_pem_x509_certificate(found.encode()).extensions
    said = names.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert "api.example.com" in said and said.count("localhost") == 1


def test_while_keys_turn_both_generations_are_trusted_and_the_old_one_signs() -> None:
    bundle = announced(turned(Bundle(), NOW, MAKERS), NOW, MAKERS)
    found = files(bundle, (), NOW)
    assert found["authorities.crt"].count("BEGIN CERTIFICATE") == 2
    assert found["service-accounts.pub"].count("BEGIN PUBLIC KEY") == 2
    assert found["service-accounts.key"] == bundle.service_accounts[0].key
    (resources,) = json.loads(found["encryption.json"])["resources"]
    keys = resources["providers"][0]["secretbox"]["keys"]
    assert [each["secret"] for each in keys] == [each.key for each in bundle.at_rest]
    assert resources["providers"][-1] == {"identity": {}}


def test_the_operator_is_the_service_account_that_the_rules_are_for() -> None:
    config = json.loads(files(turned(Bundle(), NOW, MAKERS), (), NOW)["operator.kubeconfig"])
    (user,) = config["users"]
    certificate = x509.load_pem_x509_certificate(base64.b64decode(user["user"]["client-certificate-data"]))
    assert certificate.subject.rfc4514_string().startswith("CN=system:serviceaccount:tradai-system:tradai-operator")


def test_a_password_may_have_signs_of_its_own() -> None:
    assert password_file("db.example.com", *PASSWORD) == "db.example.com:*:*:kubernetes:pass\\:word\\\\\n"


class Contended:
    """A store in which somebody else is always first."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.theirs = turned(Bundle(), NOW, MAKERS)

    def read(self) -> Kept:
        return Kept(self.theirs if self.times == 0 else Bundle(), str(self.times))

    def write(self, bundle: Bundle, after: str) -> bool:
        self.times -= 1
        return False


def test_whoever_was_first_is_followed() -> None:
    store = Contended(1)
    assert kept_bundle(store, NOW) == store.theirs


def test_nobody_goes_on_with_what_is_not_kept() -> None:
    with pytest.raises(StepError, match="somebody else keeps writing"):
        kept_bundle(Contended(99), NOW)


class NotFoundError(Exception):
    pass


class ExistsError(Exception):
    pass


class Manager:
    """Secrets Manager, for one secret."""

    class exceptions:  # noqa: N801 - as boto3 has it
        ResourceNotFoundException = NotFoundError
        ResourceExistsException = ExistsError

    def __init__(self, *, versions: dict[str, list[str]] | None = None) -> None:
        self.value: dict[str, Any] | None = None
        self.tokens: dict[str, str] = {}
        self.versions = versions or {}

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        if self.value is None:
            raise NotFoundError
        return self.value

    def describe_secret(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        return {"VersionIdsToStages": self.versions}

    def put_secret_value(self, SecretId: str, SecretString: str, ClientRequestToken: str) -> None:  # noqa: N803
        if self.tokens.setdefault(ClientRequestToken, SecretString) != SecretString:
            raise ExistsError
        self.value = {"SecretString": SecretString, "VersionId": ClientRequestToken}


def test_of_two_who_follow_the_same_version_one_writes() -> None:
    manager = Manager()
    one, other = (SecretsManager(manager, "arn") for _ in range(2))
    before = one.read()
    assert other.write(turned(Bundle(), NOW, MAKERS), other.read().version)
    assert not one.write(turned(Bundle(), NOW, MAKERS), before.version)
    assert one.read().bundle.authorities


def test_a_secret_without_a_current_version_is_not_an_empty_one() -> None:
    with pytest.raises(StepError, match="AWSCURRENT"):
        SecretsManager(Manager(versions={"v1": ["AWSPREVIOUS"]}), "arn").read()


def test_a_refusal_is_not_an_empty_secret() -> None:
    class Refusing(Manager):
        def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
            raise PermissionError("not you")

    with pytest.raises(PermissionError):
        SecretsManager(Refusing(), "arn").read()


def test_what_is_no_bundle_is_said_without_telling_it() -> None:
    with pytest.raises(StepError) as refused:
        parsed('{"authorities": [{"key": "very secret"}]}')
    assert "restore an older version" in str(refused.value)
    assert "very secret" not in str(refused.value)


def test_a_secret_that_rds_does_not_manage_is_said() -> None:
    class Other:
        def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803
            return {"SecretString": '{"token": "x"}'}

    with pytest.raises(StepError, match="holds no username and password"):
        database_password(Other(), "arn:x")


@pytest.mark.parametrize("said", [[], ["destroy"], ["setup"], ["alive"], ["prepare", "more"]])
def test_words_that_it_does_not_know_are_answered_with_those_that_it_knows(
    said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(said) == 2
    assert re.search("prepare, setup FOLDER or alive PROCESS", capsys.readouterr().err)
