"""A sandbox comes up whole, mends what died, and leaves nothing behind."""

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration.conftest import RunningSandbox
from tradai_blueprints.tradai.config.storage import STORAGE
from tradai_sandbox import lifecycle, processes
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import BINARIES, Layout
from tradai_sandbox.services import aws
from tradai_sandbox.state import SandboxState, load
from tradai_sandbox.status import environment, status

EXAMPLE = Path(__file__).parents[2] / "crds" / "examples" / "env-dev.yaml"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A sandbox of this module's own, whose processes may be killed."""
    root = tmp_path_factory.mktemp("mended")
    lifecycle.up(root, print, with_operator=False)
    try:
        yield root
    finally:
        lifecycle.down(root, print)
        assert processes.stragglers(str(root)) == []


def _state(root: Path) -> SandboxState:
    state = load(Layout(root).state)
    assert state
    return state


def _pids(root: Path) -> dict[str, int]:
    return {name: record.mark.pid for name, record in _state(root).processes.items()}


def _kill(root: Path, name: str) -> None:
    record = _state(root).processes[name]
    os.kill(record.mark.pid, signal.SIGKILL)
    assert processes.wait(lambda: not record.alive, 20)


def _kubectl(env: dict[str, str], *arguments: str, kubeconfig: Path | None = None) -> str:
    values = env | ({"KUBECONFIG": str(kubeconfig)} if kubeconfig else {})
    told = subprocess.run(["kubectl", *arguments], env=os.environ | values, capture_output=True, text=True, check=False)
    assert not told.stderr or arguments[0] == "auth", told.stderr
    return told.stdout.strip()


def _s3(env: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        env["AWS_DEFAULT_REGION"],
        endpoint_url=env["AWS_ENDPOINT_URL"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )


def test_plain_tools_work_in_a_shell_that_sourced_the_file(sandbox: RunningSandbox) -> None:
    program = "kubectl get tradaienv -A -o name; kubectl get ns -o name; pulumi whoami"
    told = subprocess.run(
        ["bash", "-euc", f'. "{sandbox.layout.env}"; {program}'], capture_output=True, text=True, check=True
    )
    assert "namespace/tradai" in told.stdout.split()
    assert "namespace/tradai-system" in told.stdout.split()


def test_the_state_buckets_are_versioned_encrypted_and_closed(sandbox: RunningSandbox) -> None:
    s3 = _s3(sandbox.env)
    for stage in ("dev", "staging", "prod"):
        bucket = f"tradai-pulumi-state-{stage}"
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
        assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == STORAGE.old_states.in_s3["Rules"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (("list", "tradaienvironments.tradai.io", "--all-namespaces"), "yes"),
        (("patch", "tradaienvironments.tradai.io/status", "-n", "tradai"), "yes"),
        (("create", "configmaps", "-n", "tradai-system"), "yes"),
        (("create", "configmaps", "-n", "tradai"), "no"),
        (("create", "tradaienvironments.tradai.io", "-n", "tradai"), "no"),
        (("delete", "namespaces"), "no"),
        (("*", "*"), "no"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_the_operator_has_the_rights_of_its_file_and_no_more(
    sandbox: RunningSandbox, question: tuple[str, ...], answer: str
) -> None:
    operator = sandbox.layout.kubeconfig("operator")
    assert _kubectl(sandbox.env, "auth", "can-i", *question, kubeconfig=operator) == answer


def test_the_audit_log_tells_who_wrote_what(sandbox: RunningSandbox) -> None:
    _kubectl(sandbox.env, "create", "configmap", "audited", "-n", "default")
    entries = [json.loads(line) for line in sandbox.layout.audit_log.read_text().splitlines()]
    names = [e["objectRef"].get("name") for e in entries if e["verb"] == "create" and e["user"]["username"] == "admin"]
    assert "audited" in names


def test_a_deleted_namespace_goes(sandbox: RunningSandbox) -> None:
    _kubectl(sandbox.env, "create", "namespace", "short-lived")
    assert "deleted" in _kubectl(sandbox.env, "delete", "namespace", "short-lived", "--timeout=60s")


def test_the_latency_changes_without_forgetting_anything(mended: Path) -> None:
    before = _pids(mended)
    lifecycle.up(mended, print, latency="1ms")
    assert _pids(mended) == before
    assert _state(mended).latency == "1ms"
    lifecycle.up(mended, print, latency="0ms")


def test_a_secret_that_a_person_changed_stays_changed(mended: Path) -> None:
    env = environment(mended)
    _kubectl(env, "patch", "secret", "tradai-secrets", "--type=merge", "-p", '{"stringData": {"jwt-secret": "mine"}}')
    lifecycle.up(mended, print)
    told = _kubectl(env, "get", "secret", "tradai-secrets", "-o", "jsonpath={.data.jwt-secret}")
    assert base64.b64decode(told) == b"mine"


@pytest.mark.parametrize("name", ["kube-controller-manager", "etcd"])
def test_a_dead_process_is_shown_and_only_it_is_brought_back(mended: Path, name: str) -> None:
    before = _pids(mended)
    _kill(mended, name)
    assert {process.name for process in status(mended) if process.health == "dead"} == {name}
    lifecycle.up(mended, print)
    assert all(process.health == "running" for process in status(mended))
    after = _pids(mended)
    assert {n for n in after if after[n] != before[n]} == {name}


def test_when_aws_died_the_environments_start_afresh_and_it_says_so(mended: Path) -> None:
    env = environment(mended)
    _kubectl(env, "apply", "-f", str(EXAMPLE))
    patch = '{"status": {"phase": "Ready", "message": "as if it were there"}}'
    _kubectl(env, "patch", "tradaienv", "dev", "--subresource=status", "--type=merge", "-p", patch)
    _kill(mended, aws.NAME)
    said: list[str] = []
    lifecycle.up(mended, said.append)
    assert any("every resource and the state buckets" in line for line in said)
    assert any("tradai/dev starts afresh" in line for line in said)
    assert _kubectl(env, "get", "tradaienv", "dev", "-o", "jsonpath={.status}") == ""
    assert len(_s3(env).list_buckets()["Buckets"]) == 3
    assert environment(mended) == env


def test_an_endpoint_that_lives_but_has_to_be_started_anew_has_forgotten_too(mended: Path) -> None:
    """Alive at one look and replaced at the next, as one that is just dying: its environments are told all the same."""
    path = Layout(mended).state
    state = json.loads(path.read_text())
    state["processes"][aws.NAME]["command"] = ["another"]
    path.write_text(json.dumps(state))
    said: list[str] = []
    lifecycle.up(mended, said.append)
    assert any("every resource and the state buckets" in line for line in said)
    assert len(_s3(environment(mended)).list_buckets()["Buckets"]) == 3


def test_two_sandboxes_live_side_by_side(sandbox: RunningSandbox, mended: Path) -> None:
    _kubectl(sandbox.env, "create", "namespace", "only-here")
    assert "only-here" in _kubectl(sandbox.env, "get", "namespaces", "-o", "name")
    assert "only-here" not in _kubectl(environment(mended), "get", "namespaces", "-o", "name")
    ours, theirs = _state(sandbox.layout.root), _state(mended)
    assert set(ours.ports.values()).isdisjoint(theirs.ports.values())


def _heed() -> None:
    """A shell's background jobs ignore ctrl-C, and so would what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _start(root: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tradai_cli.main", "sandbox", "up", "--no-operator", "--dir", str(root)]
    starting = subprocess.Popen(command, preexec_fn=_heed, **QUIET)  # type: ignore[call-overload]
    started = processes.wait(lambda: Layout(root).state.exists() and len(_pids(root)) >= 2, 60)
    assert started, "the start recorded no process"
    return starting  # type: ignore[no-any-return]


def test_an_interrupted_start_ends_what_it_started(tmp_path: Path) -> None:
    root = tmp_path / "sandbox"
    starting = _start(root)
    starting.send_signal(signal.SIGINT)
    assert starting.wait(timeout=60) == 130
    assert processes.stragglers(str(root)) == []
    with pytest.raises(SandboxError, match="no sandbox"):
        status(root)


def test_a_killed_start_is_cleaned_up_by_the_next_command(tmp_path: Path) -> None:
    root = tmp_path / "sandbox"
    starting = _start(root)
    starting.kill()
    starting.wait()
    assert processes.stragglers(str(root))
    lifecycle.down(root, print)
    assert processes.stragglers(str(root)) == []


def test_a_start_that_cannot_succeed_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for name in ("kube-apiserver", "kube-controller-manager"):
        (binaries / name).symlink_to(BINARIES / name)
    broken = binaries / "etcd"
    broken.write_text("#!/bin/sh\necho 'no disk left'; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr("tradai_sandbox.services.service.BINARIES", binaries)
    root = tmp_path / "sandbox"
    with pytest.raises(SandboxError, match=r"etcd ended at once\n(.*\n)*.*no disk left"):
        lifecycle.up(root, print, with_operator=False)
    assert processes.stragglers(str(root)) == []


def test_two_commands_do_not_change_one_sandbox_at_once(tmp_path: Path) -> None:
    root = tmp_path / "sandbox"
    starting = _start(root)
    with pytest.raises(SandboxError, match="another command"):
        lifecycle.down(root, print)
    starting.send_signal(signal.SIGTERM)
    assert starting.wait(timeout=60) == 130
    assert processes.stragglers(str(root)) == []
