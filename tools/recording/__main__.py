"""`python -m tools.recording FOLDER [words of the engine]`: the `aws` plug-in with its calls noted in FOLDER.

`pulumi-resource-aws` of FOLDER/bin is this; it starts the next one of that name (on PATH, else among the engine's own).
Must never print anything but the port to standard output, and must never outlive its engine.
"""

import os
import signal
import subprocess
import sys
import tempfile
from concurrent import futures
from pathlib import Path
from threading import Event, Thread
from typing import IO, Final

import grpc

from tools.recording.authority import Authority
from tools.recording.between import Between
from tools.recording.folder import plugin
from tools.recording.heard import heard
from tools.recording.notes import Notes
from tools.recording.proxy import Proxy
from tradai_sandbox.provider.engine import watch_engine

_NO_LIMIT: Final = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
#: Where a machine's role is asked for: no way leads there but its own.
_NEAR: Final = "169.254.169.254,169.254.170.2,169.254.170.23,localhost,127.0.0.1"
_THREADS: Final = 64


def main(folder: Path, words: list[str]) -> None:
    """Serves until a signal, or until the engine is gone."""
    ended = Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: ended.set())
    notes = Notes(folder / f"{os.getpid()}.jsonl")
    with tempfile.TemporaryDirectory(prefix="tradai-recording-") as private:
        authority = Authority(Path(private))

        def tell(method: str, url: str, headers: dict[str, str], body: bytes) -> None:
            if found := heard(method, url, headers, body):
                notes.hear(found)

        behind = _started(folder, words, Proxy(authority, tell).url, authority.bundle)
        try:
            _serve(behind, notes, ended)
        finally:
            behind.terminate()
            behind.wait()


def _started(folder: Path, words: list[str], proxy: str, bundle: Path) -> "subprocess.Popen[str]":
    """The plug-in, which knows no way to AWS but the proxy; it ends with this process, which holds its input."""
    trust = {name: str(bundle) for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE")}
    way = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "TRADAI_AWS_PROXY"), proxy)
    near = dict.fromkeys(("NO_PROXY", "no_proxy"), _NEAR)
    return subprocess.Popen(
        [str(plugin(folder, os.environ.get("PATH", os.defpath))), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **trust, **way, **near},
        text=True,
    )


def _serve(behind: "subprocess.Popen[str]", notes: Notes, ended: Event) -> None:
    assert behind.stdout is not None  # noqa: S101 - it is a pipe
    port = _first_line(behind.stdout)
    Thread(target=lambda: sys.stderr.writelines(behind.stdout or ()), daemon=True).start()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS), options=_NO_LIMIT)
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=_NO_LIMIT) as channel:
        server.add_generic_rpc_handlers((Between(channel, notes),))
        own = server.add_insecure_port("127.0.0.1:0")
        server.start()
        watch_engine(ended.set)
        print(own, flush=True)
        ended.wait()
        server.stop(0.5).wait()


def _first_line(stream: IO[str]) -> str:
    said = stream.readline().strip()
    if not said.isdigit():
        raise SystemExit("the plug-in that is to be recorded did not start; what it said stands before this")
    return said


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
