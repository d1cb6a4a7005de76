"""The control plane on ECS by the command line: its file, the way in, and in which order it is rolled."""

import base64
import json
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from typer import BadParameter, Exit
from typer.testing import CliRunner

from tradai_cli import home, home_build, home_way
from tradai_cli.bootstrap import app as bootstrap
from tradai_cli.main import build
from tradai_control_plane.bundle import Bundle
from tradai_control_plane.keys import MAKERS
from tradai_control_plane.rotation import turned
from tradai_runner.contract import Destroy, Plan, Unprotect, Update

PAGE = Path(__file__).parents[3] / "docs" / "operations" / "ecs.md"
NOW = datetime.now(UTC)


def told(ran: Any) -> str:
    """What was printed, without the frame around it."""
    return " ".join(re.sub("[│╭╰─╮╯]", " ", ran.output).split())


def example() -> dict[str, Any]:
    """The file of the page."""
    (block,) = re.findall(r"```yaml\n\s+# home.yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    body: dict[str, Any] = yaml.safe_load(block)
    return body


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "home.yaml"
    path.write_text(yaml.safe_dump({**example(), **changes}))
    return path


def test_the_page_has_a_file_that_declares_one(tmp_path: Path) -> None:
    found = home.read_home(written(tmp_path))
    assert found.environment == "prod"
    home.demand_images(found)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "environment": ({"environment": "production"}, "no environment is called 'production'"),
    "layer": ({"layers": {"edge": {}}}, "no layer edge: there are ground, service"),
    "setting": ({"layers": {"ground": {"storageGb": 1}}}, "greater than or equal to 20"),
    "image by its tag": ({"layers": {"service": {"operatorImage": "a/b:latest"}}}, "String should match"),
    "backend": ({"backendUrl": "file:///tmp"}, "backendUrl"),
    "unknown": ({"regoin": "x"}, "regoin"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_is_wrong_in_the_file_is_said(tmp_path: Path, wrong: str) -> None:
    changes, said = WRONG[wrong]
    with pytest.raises(BadParameter, match=re.escape(said)):
        home.read_home(written(tmp_path, **changes))


@pytest.mark.parametrize(("text", "said"), [("[", "is not YAML"), ("- a", "declares no control plane"), (None, "read")])
def test_a_file_that_is_none_is_said(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "home.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadParameter, match=said):
        home.read_home(path)


def test_without_images_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
    ran = CliRunner().invoke(bootstrap, ["ecs", "--file", str(written(tmp_path, layers={}))], terminal_width=200)
    assert ran.exit_code == 2 and "controlPlaneImage and operatorImage" in told(ran)


class Follower:
    """Runs nothing, and remembers what it was asked."""

    def __init__(self, *outcomes: str) -> None:
        self.asked: list[Any] = []
        self._outcomes = list(outcomes)

    def __call__(self, _: Path, request: Any) -> str:
        self.asked.append(request)
        return self._outcomes.pop(0) if self._outcomes else "succeeded"


@pytest.fixture
def follower(monkeypatch: pytest.MonkeyPatch) -> Follower:
    follower = Follower()
    monkeypatch.setattr(home, "follow", follower)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
    return follower


@pytest.mark.parametrize(("words", "kind"), [((), Update), (("--preview",), Plan)])
def test_the_ground_is_run_before_what_stands_on_it(
    tmp_path: Path, follower: Follower, words: tuple[str, ...], kind: type
) -> None:
    ran = CliRunner().invoke(bootstrap, ["ecs", "--file", str(written(tmp_path)), *words])
    assert ran.exit_code == 0, ran.output
    assert [(type(each), each.layer) for each in follower.asked] == [(kind, "ground"), (kind, "service")]
    assert {each.blueprint for each in follower.asked} == {"control-plane"}
    assert follower.asked[1].config["environments"][0]["stateBucket"] == "tradai-pulumi-state-dev"


def test_nothing_is_run_on_a_ground_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = Follower("failed")
    monkeypatch.setattr(home, "follow", follower)
    with pytest.raises(Exit) as ended:
        home.run([Update], home.declared().layer_names, home.read_home(written(tmp_path)))
    assert ended.value.exit_code == 1
    assert [each.layer for each in follower.asked] == ["ground"]


def test_it_is_taken_away_in_reverse_once_somebody_says_so(tmp_path: Path, follower: Follower) -> None:
    given = ["ecs", "--file", str(written(tmp_path)), "--destroy", "--lift-protection"]
    refused = CliRunner().invoke(bootstrap, given, input="yes\n")
    assert refused.exit_code == 1 and not follower.asked
    done = CliRunner().invoke(bootstrap, given, input="destroy the control plane prod\n")
    assert done.exit_code == 0, done.output
    assert [(type(each), each.layer) for each in follower.asked] == [
        (Unprotect, "service"),
        (Destroy, "service"),
        (Unprotect, "ground"),
        (Destroy, "ground"),
    ]


def test_a_state_without_what_opens_it_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    ran = CliRunner().invoke(bootstrap, ["ecs", "--file", str(written(tmp_path))], terminal_width=200)
    assert ran.exit_code == 2 and "PULUMI_CONFIG_PASSPHRASE" in told(ran)


class Aws:
    """One account: every call is remembered, and answered as a table says."""

    class exceptions:  # noqa: N801 - as boto3 has it
        class ResourceNotFoundException(Exception):  # noqa: N818 - as boto3 has it
            pass

        class ResourceExistsException(Exception):  # noqa: N818 - as boto3 has it
            pass

    def __init__(self, answers: dict[str, Any]) -> None:
        self.calls: list[str] = []
        self.given: dict[str, Any] = {}
        self._answers = answers

    def __call__(self, _: str) -> "Aws":
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*_: Any, **given: Any) -> Any:
            self.calls.append(name)
            self.given[name] = given
            answer = self._answers.get(name, {})
            if isinstance(answer, Exception):
                raise answer
            return self if name == "get_waiter" else answer

        return call


BUNDLE = turned(Bundle(), NOW, MAKERS)
SERVICE = {"services": [{"status": "ACTIVE", "taskDefinition": "arn:1", "deployments": []}]}
RUNTIME = {"name": "kube-apiserver", "runtimeId": "abc-1"}
ANSWERS: dict[str, Any] = {
    "get_secret_value": {"SecretString": BUNDLE.model_dump_json(), "VersionId": "v1"},
    "get_caller_identity": {"Arn": "arn:aws:sts::123456789012:assumed-role/Admin/jane"},
    "list_tasks": {"taskArns": ["arn:aws:ecs:eu-central-1:123456789012:task/tradaihome-cluster-prod/0123"]},
    "describe_tasks": {
        "tasks": [{"taskArn": "arn:aws:ecs:x:1:task/tradaihome-cluster-prod/0123", "containers": [RUNTIME]}]
    },
    "describe_services": SERVICE,
}


def way(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str, **answers: Any) -> tuple[Any, Path]:
    monkeypatch.setattr(home_way, "clients_of", lambda _: Aws({**ANSWERS, **answers}))
    output = folder / "kubeconfig"
    given = ["kubeconfig", "--file", str(written(folder)), "--output", str(output), *words]
    return CliRunner().invoke(build("kubeconfig"), given, terminal_width=200), output


def certificate(kubeconfig: Path) -> x509.Certificate:
    (user,) = json.loads(kubeconfig.read_text())["users"]
    return x509.load_pem_x509_certificate(base64.b64decode(user["user"]["client-certificate-data"]))


def test_a_way_in_is_for_one_person_and_some_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, output = way(monkeypatch, tmp_path, "--group", "tradai:editors", "--hours", "2")
    assert ran.exit_code == 0, ran.output
    found = certificate(output)
    assert found.subject.rfc4514_string() == "CN=jane,O=tradai:editors"
    left = found.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(hours=1, minutes=55) < left <= timedelta(hours=2)
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert BUNDLE.authority.key not in output.read_text()


def test_it_says_how_the_way_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, output = way(monkeypatch, tmp_path, "--port", "16443")
    assert "--target ecs:tradaihome-cluster-prod_0123_abc-1" in told(ran)
    assert '"localPortNumber":["16443"]' in told(ran)
    assert json.loads(output.read_text())["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:16443"


def test_through_a_balancer_there_is_no_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, output = way(monkeypatch, tmp_path, "--server", "api.example.com", "--admin")
    assert "start-session" not in told(ran)
    assert json.loads(output.read_text())["clusters"][0]["cluster"]["server"] == "https://api.example.com"
    assert "O=system:masters" in certificate(output).subject.rfc4514_string()


def test_nobody_gets_in_for_longer_than_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, output = way(monkeypatch, tmp_path, "--hours", "25")
    assert ran.exit_code == 2 and not output.exists()


def test_before_there_is_an_authority_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Aws.exceptions.ResourceNotFoundException("none")
    ran, output = way(monkeypatch, tmp_path, get_secret_value=nothing)
    assert ran.exit_code == 2 and "there is no way in yet" in told(ran) and not output.exists()


def rolled(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str, **answers: Any) -> tuple[Any, Aws]:
    account = Aws({**ANSWERS, **answers})
    monkeypatch.setattr(home_build, "clients_of", lambda _: account)
    given = ["upgrade", "--file", str(written(folder)), *words]
    return CliRunner().invoke(build("upgrade"), given, terminal_width=200), account


def test_a_snapshot_is_whole_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follower: Follower
) -> None:
    ran, account = rolled(monkeypatch, tmp_path)
    assert ran.exit_code == 0, ran.output
    assert account.calls[:4] == ["describe_services", "create_db_snapshot", "get_waiter", "wait"]
    assert account.given["create_db_snapshot"]["DBInstanceIdentifier"] == "tradaihome-database-prod"
    assert len(follower.asked) == 2


def test_a_snapshot_that_cannot_be_taken_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follower: Follower
) -> None:
    ran, _ = rolled(monkeypatch, tmp_path, create_db_snapshot=RuntimeError("quota"))
    assert isinstance(ran.exception, RuntimeError) and not follower.asked


def test_where_nothing_stands_nothing_is_rolled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follower: Follower
) -> None:
    ran, _ = rolled(monkeypatch, tmp_path, describe_services={"services": []})
    assert ran.exit_code == 2 and "`tradai bootstrap ecs` builds one" in told(ran) and not follower.asked


def test_to_rotate_is_to_announce_and_to_replace_the_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follower: Follower
) -> None:
    ran, account = rolled(monkeypatch, tmp_path, "--rotate")
    assert ran.exit_code == 0, ran.output
    kept = Bundle.model_validate_json(account.given["put_secret_value"]["SecretString"])
    assert [each.signs_since is None for each in kept.authorities] == [False, True]
    assert account.given["update_service"]["forceNewDeployment"] is True
    assert BUNDLE.authority.key not in told(ran)
