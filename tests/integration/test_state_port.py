"""The state port as a process, over the local AWS endpoint: any client, any body, one bucket, one writer."""

import http.client
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.fakes.requests import request_of
from tests.integration.conftest import RunningSandbox
from tradai_runner.journal.local import ProcessMark, is_alive
from tradai_runner.process.alive import process_start
from tradai_runner.stateport.beside import Beside, beside
from tradai_runner.stateport.described import Described

BUCKET, FOLDER = "port-state", "team/"
STATE = f"{FOLDER}.pulumi/stacks/sample-work/dev.json"
QUEUE = "aws:sqs/queue:Queue"
LOCK = f"{FOLDER}.pulumi/locks/organization/sample-work/dev/1.json"


@pytest.fixture(scope="module")
def bucket(sandbox: RunningSandbox) -> str:
    where = {"LocationConstraint": "eu-central-1"}
    sandbox.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    return BUCKET


@pytest.fixture
def described(sandbox: RunningSandbox, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Described:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, sandbox.env[name])
    where = (bucket, FOLDER, "sample-work", "dev", "r-1", "eu-central-1", sandbox.endpoint)
    return Described(*where, wait_seconds=20.0, host_lock=str(tmp_path / "writer.lock"))


@pytest.fixture
def port(described: Described) -> Iterator[Beside]:
    with beside(described) as found:
        yield found


def client(url: str, key: str = "nobody") -> Any:
    make: Any = boto3.client
    path_style = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    return make(
        "s3",
        endpoint_url=url,
        region_name="eu-central-1",
        aws_access_key_id=key,
        aws_secret_access_key="nothing",
        config=path_style,
    )


def refused(call: Any, **words: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**words)
    return str(caught.value.response["Error"]["Code"])


def test_whoever_knows_the_way_is_signed_anew_whatever_the_own_signature(port: Beside, sandbox: RunningSandbox) -> None:
    client(port.url).put_object(Bucket=BUCKET, Key=f"{FOLDER}a b+c", Body=b"x")
    assert sandbox.client("s3").get_object(Bucket=BUCKET, Key=f"{FOLDER}a b+c")["Body"].read() == b"x"
    listed = client(port.url).list_objects_v2(Bucket=BUCKET, Prefix=f"{FOLDER}a ")["Contents"]
    assert [row["Key"] for row in listed] == [f"{FOLDER}a b+c"]


def test_another_way_another_bucket_and_another_folder_are_refused(port: Beside) -> None:
    elsewhere = port.url.rpartition("/")[0]
    assert refused(client(f"{elsewhere}/guess").get_object, Bucket=BUCKET, Key=STATE) == "AccessDenied"
    assert refused(client(port.url).get_object, Bucket="another", Key=STATE) == "AccessDenied"
    assert refused(client(port.url).get_object, Bucket=BUCKET, Key=".pulumi/meta.yaml") == "AccessDenied"
    assert refused(client(port.url).list_objects_v2, Bucket=BUCKET) == "AccessDenied"


def test_a_state_is_read_as_it_was_written_in_every_way_that_clients_write(
    port: Beside, sandbox: RunningSandbox
) -> None:
    s3, real = client(port.url), sandbox.client("s3")
    s3.put_object(Bucket=BUCKET, Key=LOCK, Body=b"{}")
    large = os.urandom(1024) * 1024 * 12
    s3.upload_fileobj(io.BytesIO(large), BUCKET, STATE)
    assert real.get_object(Bucket=BUCKET, Key=STATE)["Body"].read() == large
    _put_in_chunks(port, STATE, b"a state in AWS's own chunks")
    found = real.get_object(Bucket=BUCKET, Key=STATE)
    assert found["Body"].read() == b"a state in AWS's own chunks"
    assert found["Metadata"] == {"tradai-run": "r-1", "tradai-seq": "2"}
    assert "ContentEncoding" not in found
    assert s3.get_object(Bucket=BUCKET, Key=STATE)["Body"].read() == b"a state in AWS's own chunks"
    s3.delete_object(Bucket=BUCKET, Key=LOCK)


def _put_in_chunks(port: Beside, key: str, body: bytes) -> None:
    """As the AWS SDKs do with a checksum behind the body, the whole of it in HTTP's chunks besides."""
    at = urlsplit(port.url)
    half = len(body) // 2
    wrapped = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    connection = http.client.HTTPConnection(at.netloc, timeout=30)
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(len(body)),
        "X-Amz-Trailer": "x-amz-checksum-crc32",
        "X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }
    whole = [wrapped, b"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"]
    connection.request("PUT", f"{at.path}/{BUCKET}/{key}", body=iter(whole), headers=headers, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


def test_of_many_who_write_over_the_same_state_one_is_taken(sandbox: RunningSandbox, bucket: str) -> None:
    """The endpoint checks and writes in one step, or the fence would prove nothing here."""
    s3 = sandbox.client("s3")
    key = f"{FOLDER}raced.json"
    base = s3.put_object(Bucket=BUCKET, Key=key, Body=b"0")["ETag"]
    taken: list[int] = []
    writers = [sandbox.client("s3") for _ in range(8)]  # boto3 makes none in two threads at once

    def write(number: int) -> None:
        try:
            writers[number - 1].put_object(Bucket=BUCKET, Key=key, Body=b"%d" % number, IfMatch=base)
            taken.append(number)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"%d" % taken[0]


def test_a_plain_write_beside_a_run_stays_and_is_told(port: Beside, sandbox: RunningSandbox) -> None:
    s3, real = client(port.url), sandbox.client("s3")
    s3.put_object(Bucket=BUCKET, Key=LOCK, Body=b"{}")
    s3.put_object(Bucket=BUCKET, Key=STATE, Body=b"1")
    assert port.failure() is None
    real.put_object(Bucket=BUCKET, Key=STATE, Body=b"by hand")
    assert refused(s3.put_object, Bucket=BUCKET, Key=STATE, Body=b"2") == "PreconditionFailed"
    failure = port.failure()
    assert failure is not None
    assert "by hand, with a plain `pulumi`" in failure.error
    assert real.get_object(Bucket=BUCKET, Key=STATE)["Body"].read() == b"by hand"
    kept = real.get_object(Bucket=BUCKET, Key=f"{FOLDER}.tradai/unsaved/sample-work/dev/r-1.json")
    assert kept["Body"].read() == b"2"
    assert refused(s3.delete_object, Bucket=BUCKET, Key=LOCK) == "PreconditionFailed"
    real.delete_object(Bucket=BUCKET, Key=LOCK)


@pytest.mark.parametrize("obeys", [True, False], ids=["that stops when asked", "that does not"])
def test_an_engine_that_may_not_save_any_more_is_ended(port: Beside, sandbox: RunningSandbox, obeys: bool) -> None:
    """It would try each save of what is under way for half a minute, one after the other."""
    s3, real = client(port.url), sandbox.client("s3")
    ignoring = "" if obeys else "signal.signal(signal.SIGINT, signal.SIG_IGN);"
    text = f"import signal, sys; {ignoring} print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as engine:
        assert engine.stdout
        engine.stdout.readline()
        port.note(engine.pid)
        s3.put_object(Bucket=BUCKET, Key=LOCK, Body=b"{}")
        s3.put_object(Bucket=BUCKET, Key=STATE, Body=b"1")
        assert engine.poll() is None
        real.put_object(Bucket=BUCKET, Key=STATE, Body=b"by hand")
        assert refused(s3.put_object, Bucket=BUCKET, Key=STATE, Body=b"2") == "PreconditionFailed"
        assert engine.wait(60) == -(signal.SIGINT if obeys else signal.SIGKILL)
    real.delete_object(Bucket=BUCKET, Key=LOCK)


def _begun(*creating: str) -> bytes:
    """A state as the engine writes it, with creations under way."""
    pending = [
        {"resource": {"urn": f"urn:pulumi:dev::sample-work::{QUEUE}::{name}"}, "type": "creating"} for name in creating
    ]
    latest = {"manifest": {}, "resources": [], "pending_operations": pending, "metadata": {}}
    state = {"version": 3, "checkpoint": {"stack": "dev", "latest": latest}}
    return json.dumps(state, separators=(",", ":")).encode()


def _there(sandbox: RunningSandbox) -> bytes:
    found: bytes = sandbox.client("s3").get_object(Bucket=BUCKET, Key=STATE)["Body"].read()
    return found


def test_an_end_that_waits_is_in_the_bucket_a_moment_later_and_before_the_verdict(
    described: Described, sandbox: RunningSandbox
) -> None:
    with beside(replace(described, grouped=True, found=(QUEUE,))) as port:
        s3 = client(port.url)
        s3.put_object(Bucket=BUCKET, Key=LOCK, Body=b"{}")
        s3.put_object(Bucket=BUCKET, Key=STATE, Body=_begun())
        s3.put_object(Bucket=BUCKET, Key=STATE, Body=_begun("a"))
        s3.put_object(Bucket=BUCKET, Key=STATE, Body=_begun())
        pause = threading.Event()
        while _there(sandbox) != _begun():
            pause.wait(0.05)
        s3.put_object(Bucket=BUCKET, Key=STATE, Body=_begun("b"))
        s3.put_object(Bucket=BUCKET, Key=STATE, Body=_begun())
        assert port.failure() is None
        assert _there(sandbox) == _begun()
        s3.delete_object(Bucket=BUCKET, Key=LOCK)


def test_a_run_whose_port_has_died_says_so_where_something_may_have_waited(described: Described) -> None:
    with beside(replace(described, grouped=True, found=(QUEUE,))) as port:
        (mark,) = _ports(port.url)
        os.kill(mark.pid, signal.SIGKILL)
        _until_gone(mark)
        failure = port.failure()
    assert failure is not None
    assert failure.kind == "Lost"


def test_the_next_run_of_a_machine_waits_until_the_last_one_has_saved(described: Described) -> None:
    with beside(described) as first, beside(replace(described, run_id="r-2", wait_seconds=1.0)) as second:
        client(first.url).put_object(Bucket=BUCKET, Key=LOCK, Body=b"{}")
        assert refused(client(second.url).put_object, Bucket=BUCKET, Key=LOCK, Body=b"{}") == "OperationAborted"
        client(first.url).delete_object(Bucket=BUCKET, Key=LOCK)
        client(second.url).put_object(Bucket=BUCKET, Key=LOCK, Body=b"{}")
        client(second.url).delete_object(Bucket=BUCKET, Key=LOCK)


#: A runner that starts a port and an engine (`sleep`), says who they are, and waits for its end. The engine has started
#: a plugin by then, which has whatever the engine has, and ends minutes after it.
RUNNER = """
import json, subprocess, sys, time
from tradai_runner.stateport.beside import beside
from tradai_runner.stateport.described import Described
with beside(Described(**json.loads(sys.argv[1]))) as port:
    engine = subprocess.Popen(["sh", "-c", "sleep 1000 & echo $!; exec sleep 1000"], stdout=-1, close_fds=False)
    port.note(engine.pid)
    plugin = int(engine.stdout.readline())
    print(json.dumps({"url": port.url, "engine": engine.pid, "plugin": plugin}), flush=True)
    time.sleep(1000)
"""


def test_it_outlives_a_killed_runner_as_long_as_its_engine_lives(described: Described) -> None:
    command = [sys.executable, "-c", RUNNER, json.dumps(asdict(described))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as runner:
        assert runner.stdout
        told = json.loads(runner.stdout.readline())
        marks = _ports(told["url"])
        runner.kill()
    client(told["url"]).put_object(Bucket=BUCKET, Key=f"{FOLDER}still", Body=b"there")
    os.kill(told["engine"], signal.SIGKILL)
    for mark in marks:
        _until_gone(mark)
    os.kill(told["plugin"], signal.SIGKILL)


def _ports(url: str) -> list[ProcessMark]:
    """Who listens there."""
    number = urlsplit(url).port
    listening = [each for each in psutil.net_connections() if each.status == "LISTEN" and each.laddr]
    pids = [each.pid for each in listening if tuple(each.laddr)[1:2] == (number,) and each.pid]
    return [ProcessMark(pid=pid, started=process_start(pid) or 0) for pid in pids]


def _until_gone(mark: ProcessMark) -> None:
    pause = threading.Event()
    while is_alive(mark):
        pause.wait(0.1)


def test_no_passphrase_reaches_it(described: Described, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "open sesame")
    with beside(described) as port:
        (mark,) = _ports(port.url)
        known = psutil.Process(mark.pid).environ()
    assert "AWS_ACCESS_KEY_ID" in known
    assert not [name for name in known if name.startswith("PULUMI_")]


def test_it_has_ended_once_its_run_is_through_with_it(described: Described) -> None:
    with beside(described) as port:
        (mark,) = _ports(port.url)
        assert is_alive(mark)
    assert not is_alive(mark)


#: A run that is refused before anybody has asked for its port, which was begun beside all that comes first.
REFUSED = """
import os, sys
from tradai_runner.contract.request import REQUESTS
from tradai_runner.stateport.beside import way
with way(REQUESTS.validate_json(sys.argv[1]), "sample-work", ()) as comes_up:
    pass
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("nobody is left")
"""


def test_one_that_nobody_asks_for_ends_with_its_run_and_says_nothing(described: Described) -> None:
    request = request_of(
        run_id="r-1",
        blueprint="sample",
        layer="work",
        environment="dev",
        account_id="123456789012",
        region="eu-central-1",
        endpoint_url=described.endpoint,
        backend_url=f"s3://{BUCKET}",
    )
    words = [sys.executable, "-c", REFUSED, request.model_dump_json()]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "nobody is left\n", "")
