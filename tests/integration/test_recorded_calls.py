"""A life that is recorded in a sandbox: each call is told for the type that made it, as the endpoint knows by itself.

What the sandbox's plug-in calls is no fact about the official one; that recording it tells all, and to whom each call
belongs, is the same for both.
"""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.documents.manifests import EXAMPLES
from tests.facts.recorded import recordings
from tests.integration.conftest import RunningSandbox
from tools.recording.authority import Authority
from tools.recording.heard import HeardCall, heard
from tools.recording.judged import lacking, unknown
from tools.recording.proxy import Proxy
from tools.recording.recording import Recording, read
from tools.smoke.by_hand import RECORDED
from tradai_iac.accounts import Account, bootstrap_policy
from tradai_iac.iam.calls import Request
from tradai_iac.iam.policies import statements
from tradai_sandbox.control import take_calls

ENVIRONMENT = "eph-heard"
ROOT = Path(__file__).parents[2]


def manifest(folder: Path, note: str) -> Path:
    body: dict[str, Any] = yaml.safe_load((EXAMPLES / "env-sample.yaml").read_text())
    body["spec"] |= {"environment": ENVIRONMENT, "layers": {"work": {"config": {"note": note, "queues": 2}}}}
    (file := folder / f"{note}.yaml").write_text(yaml.safe_dump(body))
    return file


def play(sandbox: RunningSandbox, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tools.smoke", str(manifest(folder, "before")), "--yes"]
    command += ["--sandbox", str(sandbox.layout.root), "--report", str(folder / "report.json"), *words]
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def told(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, set[tuple[str, ...]]]:
    """The recording of a whole life, and what the endpoint was told by the plug-in of each call."""
    folder, port = tmp_path_factory.mktemp("recorded"), urlsplit(sandbox.endpoint).port or 0
    take_calls(port)
    record, then = folder / "calls.json", manifest(folder, "after")
    ran = play(sandbox, folder, "--record", str(record), "--then", str(then))
    assert ran.returncode == 0, f"{ran.stdout[-3000:]}\n{ran.stderr}"
    assert [row["step"] for row in json.loads((folder / "report.json").read_text())] == [s.name for s in RECORDED]
    said = (call for call in take_calls(port) if call.caller.startswith("provider "))
    return read(record), {(*call.caller.split()[1:], named(call.service, call.operation)) for call in said}


def named(service: str, operation: str) -> str:
    return f"{Request(service, operation).prefix}:{operation}"


def test_every_call_is_recorded_for_the_type_and_the_operation_that_made_it(
    told: tuple[Recording, set[tuple[str, ...]]],
) -> None:
    recording, said = told
    made = {(operation, type_, call) for type_, operation, call, _ in recording.rows if type_ != "provider"}
    assert made == {row for row in said if not row[1].startswith("pulumi:")}
    assert {operation for operation, *_ in made} == {"create", "read", "update", "delete"}
    assert ("update", "aws:sns/topic:Topic", "sns:SetTopicAttributes") in made


def test_it_is_marked_as_a_sandboxs_and_is_no_fact(
    told: tuple[Recording, set[tuple[str, ...]]], tmp_path: Path
) -> None:
    recording, _ = told
    assert (recording.origin.kind, recording.origin.provider) == ("sandbox", "7.51.1")
    recording.write(tmp_path / "sample.json")
    with pytest.raises(ValueError, match="only an account's recordings are facts"):
        list(recordings(tmp_path))


def test_the_deploy_role_may_make_every_call_and_would_be_told_to_lack_one(
    told: tuple[Recording, set[tuple[str, ...]]],
) -> None:
    recording, _ = told
    policy = statements(bootstrap_policy(Account(account_id="123456789012", region="eu-central-1", environment="dev")))
    assert (unknown(recording), lacking(recording, policy)) == ([], [])
    fewer = [statement for statement in policy if not any(action.startswith("sqs:") for action in statement.actions)]
    assert "sqs:TagQueue to create aws:sqs/queue:Queue (sqs:CreateQueue)" in lacking(recording, fewer)


def test_what_stands_already_is_not_touched(sandbox: RunningSandbox, tmp_path: Path) -> None:
    queues = sandbox.client("sqs")
    url = queues.create_queue(QueueName="somebodys-own", tags={"Environment": ENVIRONMENT})["QueueUrl"]
    try:
        ran = play(sandbox, tmp_path, "--record", str(tmp_path / "calls.json"))
        assert (ran.returncode, "free: what stands of it already: ['arn:aws:sqs" in ran.stderr) == (1, True), ran.stderr
        assert not (tmp_path / "calls.json").exists()
    finally:
        queues.delete_queue(QueueUrl=url)


@pytest.fixture
def within_tls(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[tuple[dict[str, str], list[HeardCall]]]:
    """An engine's variables behind a proxy whose every way leads to the sandbox's endpoint, and what is heard there."""
    calls: list[HeardCall] = []

    def hear(method: str, url: str, headers: dict[str, str], body: bytes) -> None:
        calls.extend(found for found in [heard(method, url, headers, body)] if found)

    beyond = urlsplit(sandbox.endpoint).netloc
    authority = Authority(tmp_path)
    proxy = Proxy(authority, hear, lambda *_: http.client.HTTPConnection(beyond))
    kept = {name: value for name, value in sandbox.env.items() if name != "AWS_ENDPOINT_URL"}
    yield kept | {"HTTPS_PROXY": proxy.url, "AWS_CA_BUNDLE": str(authority.bundle)}, calls
    proxy.close()


def test_a_client_of_awss_sdk_for_go_is_heard_within_tls(
    within_tls: tuple[dict[str, str], list[HeardCall]], tmp_path: Path
) -> None:
    """The engine's own, of its state: the official plug-in has the same SDK and the same variables."""
    variables, calls = within_tls
    variables |= {
        "PULUMI_BACKEND_URL": "s3://tradai-pulumi-state-dev?region=eu-central-1",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "HOME": str(tmp_path),
    }
    (tmp_path / "Pulumi.yaml").write_text("name: heard\nruntime: python\n")
    for words in (["stack", "init", "within-tls"], ["stack", "ls"], ["stack", "rm", "within-tls", "--yes"]):
        ran = subprocess.run(
            ["pulumi", "--non-interactive", *words],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
    wanted = {f"s3:{name}" for name in ("ListObjectsV2", "PutObject", "GetObject", "HeadObject", "DeleteObject")}
    assert {call.call for call in calls} >= wanted
    assert all(call.real and call.rights for call in calls), calls
