"""What a sandbox writes: its state, its secrets, the file to source."""

import contextlib
import os
import re
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from tradai_runner.journal.local import ProcessMark
from tradai_runner.process.alive import process_start
from tradai_sandbox import certificates, credentials, lifecycle, ports, starter
from tradai_sandbox.aws import OBJECTS
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import Layout
from tradai_sandbox.services import SERVICES, Context, apiserver, aws, etcd
from tradai_sandbox.services.probe import socket_ok
from tradai_sandbox.state import ProcessRecord, SandboxState, load, save
from tradai_sandbox.status import status
from tradai_sandbox.variables import script, variables

_EXPORTED = {
    "KUBECONFIG",
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PATH",
}


def _context(root: Path) -> Context:
    names = [name for service in SERVICES for name in service.ports]
    return Context(Layout(root), dict(zip(names, range(20000, 20100), strict=False)), credentials.ensure(root / "c"))


def test_the_file_to_source_exports_exactly_what_is_promised(tmp_path: Path) -> None:
    text = script(variables(_context(tmp_path)))
    assert set(re.findall(r"^export (\w+)=", text, re.MULTILINE)) == _EXPORTED


def test_sourcing_puts_the_binaries_before_those_of_the_shell(tmp_path: Path) -> None:
    values = variables(_context(tmp_path))
    (tmp_path / "env").write_text(script(values))
    told = subprocess.run(
        ["bash", "-c", '. "$0" && echo "$PATH" && echo "$PULUMI_BACKEND_URL"', tmp_path / "env"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    path, backend = told.stdout.splitlines()
    assert path.endswith(":/usr/bin:/bin")
    assert "tradai_sandbox/bin" in path.split(os.pathsep)[0]
    assert backend == values["PULUMI_BACKEND_URL"]


def test_the_state_backend_is_asked_for_on_the_local_endpoint(tmp_path: Path) -> None:
    url = variables(_context(tmp_path))["PULUMI_BACKEND_URL"]
    assert url.startswith("s3://tradai-pulumi-state-dev?region=eu-central-1&endpoint=http://127.0.0.1:")
    assert "s3ForcePathStyle=true" in url
    assert "disableSSL=true" in url


def test_secrets_are_made_once_and_only_this_user_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    assert credentials.ensure(path) == credentials.ensure(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_sandboxes_share_no_secret(tmp_path: Path) -> None:
    one, other = credentials.ensure(tmp_path / "one"), credentials.ensure(tmp_path / "other")
    assert one.admin_token != other.admin_token
    assert one.passphrase != other.passphrase


def test_the_server_certificate_is_signed_by_the_authority_that_clients_are_given(tmp_path: Path) -> None:
    certificates.ensure(tmp_path)
    authority, server = (
        x509.load_pem_x509_certificate((tmp_path / name).read_bytes()) for name in ("ca.crt", "server.crt")
    )
    server.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = ProcessRecord(command=("etcd", "--name=x"), mark=ProcessMark(pid=7, started=9))
    state = SandboxState(ports={"etcd": 20001}, latency="80ms", operator=False).with_process("etcd", record)
    save(tmp_path / "state.json", state)
    assert load(tmp_path / "state.json") == state


def test_a_reused_pid_is_not_taken_for_the_recorded_process() -> None:
    started = process_start(os.getpid())
    assert started is not None
    mine = ProcessRecord(command=("me",), mark=ProcessMark(pid=os.getpid(), started=started))
    other = ProcessRecord(command=("me",), mark=ProcessMark(pid=os.getpid(), started=started + 1))
    state = SandboxState().with_process("mine", mine).with_process("other", other)
    assert state.runs("mine")
    assert not state.runs("other")


def test_processes_of_an_earlier_boot_are_dead_though_pid_and_start_fit(tmp_path: Path) -> None:
    mark = ProcessMark(pid=os.getpid(), started=process_start(os.getpid()) or 0)
    mine = SandboxState(ports={"etcd": 20001}, complete=True).with_process("etcd", ProcessRecord(command=(), mark=mark))
    path = tmp_path / "state.json"
    save(path, mine)
    now = load(path)
    save(path, mine.model_copy(update={"boot": "another"}))
    later = load(path)
    assert now is not None
    assert later is not None
    assert now.runs("etcd")
    assert not later.runs("etcd")
    assert later.ports == mine.ports
    assert later.complete


def test_a_state_of_a_version_that_knew_no_boot_is_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"processes": {"etcd": {"command": [], "mark": {"pid": 7, "started": 9}}}, "complete": true}')
    state = load(path)
    assert state is not None
    assert list(state.processes) == ["etcd"]


def test_etcd_listens_where_no_other_user_of_the_machine_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for service in (etcd, apiserver):
        monkeypatch.setattr(service, "binary", str)
    context = _context(tmp_path)
    asked = [word for word in etcd.SERVICE.command(context) if "urls=" in word or "cluster=" in word]
    assert len(asked) == 5
    assert all(word.rpartition("=")[2].startswith("unix://") for word in asked)
    assert f"--etcd-servers={etcd.URL}" in apiserver.SERVICE.command(context)
    assert etcd.SERVICE.ports == ()
    open_to_all = tmp_path / "made-before"
    open_to_all.mkdir(mode=0o755)
    with lifecycle._locked(Layout(open_to_all)):
        assert open_to_all.stat().st_mode & 0o777 == 0o700


def test_a_socket_is_asked_however_long_its_path_is(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 120) / ("b" * 120)
    folder.mkdir(parents=True)
    place = folder / "etcd.sock"
    assert not socket_ok(place, "/health")
    with socket.socket(socket.AF_UNIX) as listening, contextlib.chdir(folder):
        listening.bind(place.name)
        listening.listen()
        answering = threading.Thread(target=_answer_once, args=(listening,))
        answering.start()
        assert socket_ok(place, "/health")
        answering.join()


def _answer_once(listening: socket.socket) -> None:
    with listening.accept()[0] as one:
        one.recv(4096)
        one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def test_a_taken_port_is_not_free() -> None:
    with socket.socket() as listening:
        listening.bind((ports.HOST, 0))
        listening.listen()
        assert not ports.is_free(listening.getsockname()[1])


def test_a_port_that_its_dead_process_still_holds_for_a_moment_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process whose first thread has ended looks dead, and its others still close what it listened on."""
    asked: list[int] = []

    def is_free(port: int) -> bool:
        asked.append(port)
        return asked.count(port) > 1

    monkeypatch.setattr(starter, "is_free", is_free)
    names = [name for service in SERVICES for name in service.ports]
    before = SandboxState(ports=dict(zip(names, range(20000, 20000 + len(names)), strict=True)))
    assert starter.Starter(Layout(tmp_path), before).choose_ports() == before.ports


@given(taken=st.sets(st.integers(20000, 31999), max_size=50))
def test_a_found_port_is_none_of_those_taken(taken: set[int]) -> None:
    assert ports.find(taken) not in taken


def test_a_directory_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for command in (lifecycle.up, lifecycle.down):
        with pytest.raises(SandboxError, match="other things"):
            command(tmp_path, print)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_status_of_no_sandbox_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="tradai sandbox up"):
        status(tmp_path)


def test_what_objects_contain_lies_in_the_sandbox_and_goes_with_it_and_its_place_restarts_no_endpoint(
    tmp_path: Path,
) -> None:
    context = _context(tmp_path)
    assert aws.SERVICE.environment(context)[OBJECTS] == str(tmp_path / "objects")
    assert context.layout.objects in context.layout.data
    assert str(tmp_path) not in " ".join(aws.SERVICE.command(context)[1:])
