"""Replacements that are killed in the middle, over a proxy that says when AWS was asked for what.

Must never judge what is left: the tests do.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import psutil

from tests.faults.errors import Answer
from tests.faults.proxy import RESET, Call, Proxy
from tests.integration.conftest import RunningSandbox
from tests.integration.replacing_program import PROJECT, REGION, TYPES
from tradai_iac.core.tagging import urn_tag
from tradai_iac.failure import Failure
from tradai_iac.tags import URN_TAG
from tradai_runner.bucket.keys import state_key
from tradai_runner.bucket.store import open_store
from tradai_runner.contract import Update
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.repair.clients import clients_for
from tradai_runner.repair.settle import Settled, Settler

_SECONDS: Final = 600.0
_BUCKET: Final = "s3://tradai-pulumi-state-dev"
#: Name of each resource → how its creation and its deletion are asked for.
CREATES: Final = {
    "table": "CreateTable",
    "queue": "CreateQueue",
    "role": "CreateRole",
    "logs": "CreateLogGroup",
    "bucket": "PUT",
    "database": "CreateDBInstance",
    "network": "CreateVpc",
}
DELETES: Final = {
    "table": "DeleteTable",
    "queue": "DeleteQueue",
    "role": "DeleteRole",
    "logs": "DeleteLogGroup",
    "bucket": "DELETE",
    "database": "DeleteDBInstance",
    "network": "DeleteVpc",
}


@dataclass
class Gathering:
    """A rule that holds the call which each of some resources depends on, until all are there; then it does `action`.

    `reached`: whether AWS hears of them first. Once it has acted, they are cut off.
    """

    wanted: Mapping[str, str]
    reached: bool
    action: Callable[[], Any]
    seen: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def __call__(self, call: Call, after: bool) -> Answer | None:
        name = self._name(call)
        if name is None or after != self.reached or (self.over.is_set() and name not in self.seen):
            return None
        with self.lock:
            self.seen.add(name)
            if len(self.seen) == len(self.wanted) and not self.over.is_set():
                self.action()
                self.over.set()
        assert self.over.wait(_SECONDS), self.seen
        return RESET

    def _name(self, call: Call) -> str | None:
        if call.service == "s3":
            bare = call.path.strip("/").count("/") == 0 and "?" not in call.path
            return "bucket" if bare and self.wanted.get("bucket") == call.method else None
        return next((name for name, operation in self.wanted.items() if operation == call.operation), None)


@dataclass
class Rig:
    """One stack of `only` some resources; `first`: the old one goes before the new one comes.

    `program` is a module that is run with a request; `gathering` knows the creations at which a run is killed.
    """

    sandbox: RunningSandbox
    proxy: Proxy
    folder: Path
    stack: str
    only: Collection[str]
    first: bool
    program: str = "tests.integration.replacing_program"
    gathering: type[Gathering] = Gathering

    @property
    def registry(self) -> RunRegistry:
        return RunRegistry(self.folder / "presences")

    def begin(self, operation: str, round_: int, targets: Collection[str] = ()) -> "subprocess.Popen[str]":
        """A process that works on the stack."""
        asked = {"operation": operation, "round": round_, "stack": self.stack, "targets": list(targets)}
        asked |= {"only": list(self.only), "first": self.first, "endpoint": self.sandbox.endpoint}
        path = self.folder / "request.json"
        path.write_text(json.dumps(asked))
        command = [sys.executable, "-m", self.program, str(path)]
        env = self.sandbox.env | {"AWS_ENDPOINT_URL": self.proxy.url}
        return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, operation: str, round_: int = 0, targets: Collection[str] = ()) -> str:
        """A whole run; fails where it does."""
        process = self.begin(operation, round_, targets)
        out, _ = process.communicate(timeout=_SECONDS)
        assert process.returncode == 0, out
        return out

    def killed(self, round_: int, at: Mapping[str, str], *, reached: bool) -> None:
        """A run whose engine is killed when AWS is asked for all of these, before or after AWS has heard."""
        process = self.begin("up", round_)
        kill = partial(_kill_engine, process.pid, self.registry, f"run-{round_}")
        rule = self.gathering({name: at[name] for name in self.only}, reached, kill)
        with self.proxy.under(rule):
            out, _ = process.communicate(timeout=_SECONDS)
        assert rule.over.is_set(), out

    def settle(self, **more: Any) -> Settled:
        """A repair as a run does it, by its own engine for what has to be read anew."""
        request = Update(
            run_id="repair",
            layer="foundation",
            environment=self.stack,
            account_id="123456789012",
            region=REGION,
            endpoint_url=self.proxy.url,
            backend_url=_BUCKET,
        )
        store = open_store(_BUCKET, REGION, self.sandbox.endpoint)
        assert store is not None
        settler = Settler(request, PROJECT, store, self.registry, lambda: clients_for(request), time.time, **more)
        return settler.settle(self._refresh)

    def _refresh(self, urns: list[str]) -> Failure | None:
        self.run("refresh", 0, urns)
        return None

    # what there is

    def state(self) -> dict[str, Any]:
        """The newest state."""
        body = self.sandbox.client("s3").get_object(
            Bucket=_BUCKET.removeprefix("s3://"), Key=state_key(PROJECT, self.stack)
        )
        latest: dict[str, Any] = json.loads(body["Body"].read())["checkpoint"]["latest"]
        return latest

    def in_state(self) -> Counter[str]:
        """How often the state has each resource, and under which id."""
        found = [each for each in self.state()["resources"] if each["type"].startswith("aws:")]
        return Counter(f"{each['urn'].rpartition('::')[2]} {_bare(each['id'])}" for each in found)

    def pending(self) -> list[str]:
        """What was interrupted: its kind and name."""
        entries = self.state().get("pending_operations") or []
        return sorted(f"{each['type']} {each['resource']['urn'].rpartition('::')[2]}" for each in entries)

    def in_aws(self) -> Counter[str]:
        """The same over plain calls."""
        client = self.sandbox.client
        named = {
            "table": client("dynamodb").list_tables()["TableNames"],
            "queue": client("sqs").list_queues().get("QueueUrls", []),
            "role": [each["RoleName"] for each in client("iam").list_roles()["Roles"]],
            "logs": [each["logGroupName"] for each in client("logs").describe_log_groups()["logGroups"]],
            "bucket": [each["Name"] for each in client("s3").list_buckets()["Buckets"]],
        }
        found = [f"{name} {_bare(id_)}" for name, ids in named.items() for id_ in ids if f"{self.stack}-" in id_]
        databases = client("rds").describe_db_instances()["DBInstances"]
        mine = [each for each in databases if f"{self.stack}-" in each["DBInstanceIdentifier"]]
        found += [f"database {each['DbiResourceId']}" for each in mine]
        mark = urn_tag(PROJECT, self.stack, TYPES["network"], "network")
        marked = [{"Name": f"tag:{URN_TAG}", "Values": [mark]}]
        found += [f"network {each['VpcId']}" for each in client("ec2").describe_vpcs(Filters=marked)["Vpcs"]]
        return Counter(found)


def _bare(id_: str) -> str:
    """A queue's address tells by which way it was asked for."""
    return id_.rpartition("/")[2] if id_.startswith("http") else id_


def _kill_engine(pid: int, registry: RunRegistry, run: str) -> None:
    """kill -9 of the engine that a process has started, noted as a run notes it; waits until it is gone."""
    (engine,) = [child for child in psutil.Process(pid).children() if child.name() == "pulumi"]
    note = registry.begin(run, engine.pid).model_copy(update={"since": engine.create_time()})
    engine.kill()
    psutil.wait_procs([engine], 30)
    registry.end(note, released=False)
