"""Looks for secrets everywhere: what people and machines may read, files, buckets, processes.

Must never let a place pass unread: what cannot be read is an error, but for processes and files that end meanwhile.
"""

import base64
import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from urllib.request import urlopen

from tests.e2e.environment import Deployed
from tradai_sandbox.state import load


def spellings(word: str) -> set[bytes]:
    """A word of letters and digits: as it is, in hex, and in base64 wherever in something longer it may begin."""
    found = {word.encode(), word.encode().hex().encode()}
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + word.encode())
        found.add(text[4:-4])
    return found


class Hunt:
    """What is hunted: name → word."""

    def __init__(self, **words: str) -> None:
        self._words = {name: spellings(word) for name, word in words.items()}

    def within(self, data: bytes) -> list[str]:
        """The names of the words that stand there in some spelling, compressed ones included."""
        texts = [data]
        if data[:2] == b"\x1f\x8b":
            texts.append(gzip.decompress(data))
        return [name for name, spelled in self._words.items() if any(s in text for text in texts for s in spelled)]

    def through(self, places: Mapping[str, bytes]) -> list[str]:
        """`word in place`, for each place where one stands."""
        return [f"{name} in {place}" for place, data in places.items() for name in self.within(data)]


def shown(sandbox: Deployed) -> dict[str, bytes]:
    """All that people and machines may read, by where it stands; Secrets are told by their names."""
    found = {
        "metrics": _metrics(sandbox),
        "environments": sandbox.kubectl("get", "tradaienv", "-A", "-o", "json").encode(),
        "events": sandbox.kubectl("get", "events", "-A", "-o", "json").encode(),
        "records": sandbox.kubectl("get", "configmaps", "-A", "-o", "json").encode(),
    }
    secrets = json.loads(sandbox.kubectl("get", "secrets", "-A", "-o", "json"))["items"]
    found |= {f"Secret {_name(secret)}": json.dumps(secret).encode() for secret in secrets}
    return found | dict(files(sandbox)) | dict(objects(sandbox))


def _name(secret: Mapping[str, Mapping[str, str]]) -> str:
    return f"{secret['metadata']['namespace']}/{secret['metadata']['name']}"


def _metrics(sandbox: Deployed) -> bytes:
    state = load(sandbox.layout.state)
    assert state
    with urlopen(f"http://127.0.0.1:{state.ports['operator']}/metrics", timeout=20) as answer:
        text: bytes = answer.read()
        return text


def files(sandbox: Deployed) -> Iterator[tuple[str, bytes]]:
    """Logs, journals with what lies beside them, the engine's home, and what anybody left in temporary folders."""
    roots = [sandbox.layout.root / "logs", sandbox.layout.journal, sandbox.layout.pulumi_home]
    roots += [path for name in ("tradai-run-*", "automation-*", "pulumi*") for path in Path("/tmp").glob(name)]
    for root in roots:
        for path in (root, *root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                try:
                    yield str(path), path.read_bytes()
                except FileNotFoundError:
                    continue


def objects(sandbox: Deployed) -> Iterator[tuple[str, bytes]]:
    """Every version of every object of every bucket."""
    s3 = sandbox.clients("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"]):
            for version in page.get("Versions", []):
                where = {"Bucket": bucket["Name"], "Key": version["Key"], "VersionId": version["VersionId"]}
                yield f"s3://{where['Bucket']}/{where['Key']}", s3.get_object(**where)["Body"].read()


def hidden(uid: str) -> list[Path]:
    """The files in memory that hold the secrets of an environment's runs."""
    return [path for path in Path("/dev/shm").rglob(f"{uid}_*") if path.exists()]


class Processes:
    """Looks at arguments and environment of every process of this machine while the block lasts."""

    def __init__(self, hunt: Hunt) -> None:
        self._hunt = hunt
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self.found: set[str] = set()
        self.seen: set[str] = set()

    def __enter__(self) -> "Processes":
        self._watcher.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            for process in Path("/proc").glob("[0-9]*"):
                for file in ("cmdline", "environ"):
                    self._look(process, file)

    def _look(self, process: Path, file: str) -> None:
        try:
            name, data = (process / "comm").read_text().strip(), (process / file).read_bytes()
        except OSError:  # it is gone, or another user's
            return
        self.seen.add(name)
        self.found |= {f"{word} in {file} of {name}" for word in self._hunt.within(data)}
