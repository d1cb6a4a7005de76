"""A newcomer's first day, with the mistakes that one makes: each answer is short and says how to go on."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.environment import Deployed, example

VERSION = ["tradai", "--version"]


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    """The sample stands."""
    found = new_sandbox()
    found.apply(example("sample"))
    found.ready("sample")
    return found


def said(sandbox: Deployed, *words: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """A command as the newcomer types it."""
    env = os.environ | dict(sandbox.env) | more
    return subprocess.run(words, env=env, input=stdin, capture_output=True, text=True, check=False)


def one_line(ran: subprocess.CompletedProcess[str], *, status: int = 1) -> str:
    assert ran.returncode == status, ran.stdout + ran.stderr
    (line,) = ran.stderr.splitlines()
    assert "Traceback" not in line
    assert len(line) < 600
    return line


def test_before_anything_is_up_each_word_says_what_to_do(sandbox: Deployed, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "kubeconfig")
    assert ". .sandbox/env" in one_line(said(sandbox, "tradai", "diff", "sample", KUBECONFIG=nowhere))
    assert said(sandbox, *VERSION, KUBECONFIG=nowhere).stdout.startswith("tradai ")


def test_a_name_that_is_wrong_is_told_with_those_that_there_are(sandbox: Deployed) -> None:
    assert "there is sample" in one_line(said(sandbox, "tradai", "history", "simple"))
    elsewhere = one_line(said(sandbox, "tradai", "history", "sample", "-n", "nowhere"))
    assert "kubectl get tradaienv -A" in elsewhere


def test_credentials_that_are_nobodys_are_told_as_such(sandbox: Deployed, tmp_path: Path) -> None:
    config: dict[str, Any] = yaml.safe_load(Path(sandbox.env["KUBECONFIG"]).read_text())
    config["users"] = [{"name": user["name"], "user": {"token": "nobody"}} for user in config["users"]]
    (tmp_path / "other").write_text(yaml.safe_dump(config))
    refused = said(sandbox, "tradai", "history", "sample", KUBECONFIG=str(tmp_path / "other"))
    assert "renew your credentials" in one_line(refused)


def test_a_typo_in_what_stands_is_answered_in_one_line(sandbox: Deployed) -> None:
    manifest = example("sample")
    manifest["spec"]["approvl"] = "Never"
    apply = ("kubectl", "apply", "--server-side", "--force-conflicts", "-f", "-")
    assert "approvl" in one_line(said(sandbox, *apply, stdin=json.dumps(manifest)))


def test_nothing_waits_and_the_shell_knows(sandbox: Deployed) -> None:
    ran = said(sandbox, "tradai", "diff", "sample")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "nothing of sample waits for approval" in ran.stdout


def test_a_look_for_drift_says_how_far_it_is(sandbox: Deployed) -> None:
    ran = said(sandbox, "tradai", "drift", "sample", "--now")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {"store: looked at", "work: looked at"} <= set(ran.stderr.splitlines())


def test_ctrl_c_ends_a_wait_quietly(sandbox: Deployed) -> None:
    env = os.environ | dict(sandbox.env)
    waiting = subprocess.Popen(
        ["tradai", "drift", "sample", "--now"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert waiting.stderr is not None
    assert waiting.stderr.readline()  # it waits
    waiting.send_signal(signal.SIGINT)
    _, complaint = waiting.communicate(timeout=60)
    assert waiting.returncode == 130
    assert "Traceback" not in complaint
