"""`iac/pulumi-ci.sh` and iac/.env: a pipeline's layers come in their order, and stop where one fails."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.iac.shell_scripts import complaints

IAC = Path(__file__).parents[3] / "iac"
LAYERS = ["persistent", "foundation", "compute", "edge"]


def piped(
    tmp_path: Path, *words: str, failing: str = "", says: str = "s3://here", variables: str = ""
) -> tuple[int, list[str], str]:
    """Exit status, the `tradai` commands in their order, and what was complained of; `failing` ends with 3."""
    calls, commands = tmp_path / "calls", tmp_path / "bin"
    commands.mkdir()
    calls.touch()
    stand_in = commands / "tradai"
    stand_in.write_text(
        "#!/bin/bash\n"
        f'echo "$*" >> {calls}\n'
        f'[[ $* == "infra backend"* ]] && echo {says}\n'
        f'[[ -n "{failing}" && $* == "{failing}"* ]] && exit 3\n'
        "exit 0\n"
    )
    stand_in.chmod(0o755)
    script = Path(shutil.copy(IAC / "pulumi-ci.sh", tmp_path))
    if variables:
        (tmp_path / ".env").write_text(variables)
    ran = subprocess.run(
        [script, *words], env={"PATH": f"{commands}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    return ran.returncode, calls.read_text().splitlines(), ran.stderr


def test_layers_are_built_in_their_order_once_the_manifest_is_checked(tmp_path: Path) -> None:
    status, calls, _ = piped(tmp_path, "up", "dev", "--file", "env.yaml")
    assert (status, calls[0]) == (0, "config-check dev --file env.yaml")
    assert calls[1:] == [f"infra up {layer} dev --file env.yaml" for layer in LAYERS]


@pytest.mark.parametrize("failing", ["config-check", *(f"infra up {layer}" for layer in LAYERS)])
def test_it_stops_at_the_first_that_fails_with_its_status(failing: str, tmp_path: Path) -> None:
    status, calls, _ = piped(tmp_path, "up", "dev", failing=failing)
    assert status == 3
    assert calls[-1].startswith(failing)


def test_a_preview_changes_nothing(tmp_path: Path) -> None:
    assert piped(tmp_path, "preview", "dev")[:2] == (0, ["config-check dev", "infra preview-all dev"])


@pytest.mark.parametrize("words", [(), ("up",), ("destroy", "dev")])
def test_other_words_are_refused_with_the_right_ones(words: tuple[str, ...], tmp_path: Path) -> None:
    status, calls, said = piped(tmp_path, *words)
    assert (status, calls) == (2, [])
    assert "check|preview|up STACK" in said


@pytest.mark.parametrize(("bucket", "status"), [("s3://here", 0), ("s3://elsewhere", 1)])
def test_a_state_bucket_that_is_another_than_the_manifests_is_refused(bucket: str, status: int, tmp_path: Path) -> None:
    ended, calls, said = piped(tmp_path, "check", "dev", variables=f"S3_PULUMI_BACKEND_URL={bucket}\n")
    assert ended == status
    assert calls[0] == "infra backend dev"
    assert ("make them agree" in said) is bool(status)


def test_shellcheck_has_nothing_against_the_script() -> None:
    assert complaints((IAC / "pulumi-ci.sh").read_text()) == ""


def test_the_example_names_what_the_documents_list_and_no_value_of_a_secret() -> None:
    lines = [line for line in (IAC / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    values = dict(line.split("=", 1) for line in lines)
    assert set(values) == {"AWS_PROFILE", "PULUMI_CONFIG_PASSPHRASE", "S3_PULUMI_BACKEND_URL"}
    assert values["PULUMI_CONFIG_PASSPHRASE"] == ""


def test_what_a_person_fills_in_is_never_committed() -> None:
    assert "iac/.env" in (IAC.parent / ".gitignore").read_text().splitlines()
