"""The Packer template of the consolidated instance's image (001 §2 `ami/`), by its structure: Packer is not here."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.unit.iac.shell_scripts import complaints
from tradai_blueprints.tradai.config.consolidated import CONSOLIDATED_INSTANCE
from tradai_blueprints.tradai.config.tags import TAGS
from tradai_blueprints.tradai.layers.compute.ec2_userdata import TEMPLATES

AMI = Path(__file__).parents[3] / "iac" / "ami"
TEXT = (AMI / "tradai-consolidated.pkr.hcl").read_text()
SCRIPTS = sorted((AMI / "files").glob("*.sh"))
MANIFEST = """{
  "builds": [
    {"artifact_id": "old"},
    {
      "artifact_id": "eu-central-1:ami-0aaa"
    },
    {
      "artifact_id": "eu-central-1:ami-0bbb"
    }
  ]
}
"""


def default(variable: str) -> str:
    found = re.search(rf'variable "{variable}" {{.*?default\s+= "?([^"\n]+)"?\n}}', TEXT, re.DOTALL)
    assert found, f"no default of {variable}"
    return found.group(1)


def publish(folder: Path, region: str) -> subprocess.CompletedProcess[str]:
    """Runs publish.sh with an `aws` that prints what it is called with."""
    (folder / "aws").write_text('#!/bin/bash\nprintf "%s " "$@"\n')
    (folder / "aws").chmod(0o755)
    (folder / "manifest.json").write_text(MANIFEST)
    command = ["bash", str(AMI / "files" / "publish.sh"), str(folder / "manifest.json"), region, "/tradai/ami/x"]
    env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(command, env=env, text=True, capture_output=True, check=False)


@pytest.mark.parametrize("script", [*SCRIPTS, TEMPLATES / "prepare_host.sh"], ids=lambda path: path.name)
def test_its_scripts_are_sound(script: Path) -> None:
    assert complaints(script.read_text()) == ""
    assert "set -euo pipefail\n" in script.read_text()


def test_every_script_that_it_names_is_there_and_no_other() -> None:
    named = {(AMI / path).resolve() for path in re.findall(r"\$\{path\.root\}/([\w./-]+\.sh)", TEXT)}
    assert named == {*SCRIPTS, TEMPLATES / "prepare_host.sh"}


def test_its_blocks_are_closed() -> None:
    bare = re.sub(r'"(\\.|[^"\\])*"|#.*', "", TEXT)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0


def test_it_builds_on_what_the_instance_would_be_launched_from() -> None:
    assert f'"{CONSOLIDATED_INSTANCE.image_parameter}"' in TEXT
    assert default("instance_type") == CONSOLIDATED_INSTANCE.instance_type
    assert int(default("volume_gb")) <= CONSOLIDATED_INSTANCE.volume_gb


def test_the_image_is_encrypted_and_takes_session_tokens_alone() -> None:
    assert re.search(r"encrypt_boot\s+= true", TEXT)
    assert re.search(r'imds_support\s+= "v2.0"', TEXT)
    assert re.search(r'http_tokens\s+= "required"', TEXT)


def test_it_carries_the_tags_of_everything_but_environment_and_maker() -> None:
    wanted = {**TAGS.required("any"), "ManagedBy": "packer"}
    del wanted["Environment"]
    written = re.search(r"tags = {\n(.*?)\n  }", TEXT, re.DOTALL)
    assert written
    assert dict(re.findall(r'(\w+)\s+= "([^"]+)"', written.group(1))) == wanted


def test_it_names_no_account() -> None:
    assert not re.search(r"\b\d{12}\b", TEXT + "".join(script.read_text() for script in SCRIPTS))


def test_the_newest_image_of_the_region_is_published(tmp_path: Path) -> None:
    said = publish(tmp_path, "eu-central-1").stdout
    assert "--name /tradai/ami/x --value ami-0bbb " in said
    assert "--data-type aws:ec2:image" in said


def test_nothing_is_published_where_the_region_has_no_image(tmp_path: Path) -> None:
    done = publish(tmp_path, "us-east-1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no image of us-east-1" in done.stderr
