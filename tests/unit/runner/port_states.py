"""States as an engine writes them on the way of a run, and a port where ends may wait. Must never judge."""

import json
from pathlib import Path
from typing import Any

from tests.fakes.state_bucket import FakeBucket
from tests.unit.runner.port_calls import port_of
from tradai_runner.repair.rows import FOUND_AGAIN
from tradai_runner.stateport import grouping
from tradai_runner.stateport.hostlock import HostLock
from tradai_runner.stateport.port import Port

QUEUE, TABLE, ROLE = "aws:sqs/queue:Queue", "aws:dynamodb/table:Table", "aws:iam/role:Role"
ONCE = "aws:iam/accessKey:AccessKey"
TYPES = grouping.Types(FOUND_AGAIN, frozenset({TABLE}))


def urn(name: str, type_: str = QUEUE) -> str:
    return f"urn:pulumi:dev::sample-work::tradai:Component${type_}::{name}"


def body(resources: str = "", *pending: tuple[str, str]) -> bytes:
    """A state as the engine writes it, with resources a, b, ... and what is under way."""
    latest: dict[str, Any] = {"manifest": {}, "resources": [{"urn": urn(name), "id": name} for name in resources]}
    if pending:
        latest["pending_operations"] = [{"resource": {"urn": each}, "type": kind} for kind, each in pending]
    return written({"version": 3, "checkpoint": {"stack": "dev", "latest": {**latest, "metadata": {}}}})


def written(state: dict[str, Any]) -> bytes:
    """As the engine does (3.255.0, `compactJSONMarshaler`): on one line, without a blank."""
    return json.dumps(state, separators=(",", ":")).encode()


def grouped(bucket: FakeBucket, run_id: str = "r-1", machine: Path | None = None) -> Port:
    """`machine` is the folder of one where only one port writes at a time."""
    port = port_of(bucket, run_id)
    port.types = TYPES
    port.host = HostLock(machine / "writer.lock") if machine else None
    return port


NOTHING = ()
BEGUN = [("creating", urn("a"))]

#: A run: three things are begun and made, two of them at once. Each save, and what AWS has made right before it.
RUN = (
    (body("", ("creating", urn("a"))), ""),
    (body("", ("creating", urn("a")), ("creating", urn("b"))), ""),
    (body("a", ("creating", urn("b"))), "a"),
    (body("a", ("creating", urn("b")), ("creating", urn("c"))), "a"),
    (body("ab", ("creating", urn("c"))), "ab"),
    (body("abc"), "abc"),
)

#: Those of them that may wait.
WAITING = (2, 4, 5)


def named(state: bytes | None) -> set[str]:
    """What a state has, or says that it may be in AWS."""
    latest = json.loads(state or b"{}")["checkpoint"]["latest"]
    pending = [entry["resource"] for entry in latest.get("pending_operations", [])]
    return {raw["urn"].rpartition("::")[2] for raw in [*latest["resources"], *pending]}
