"""A sandbox whose operator the tests start and kill themselves, with the proxy between everybody and AWS.

Must never signal a process that does not belong to its sandbox.
"""

import contextlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from tests.e2e.environment import Deployed
from tests.faults.proxy import Proxy
from tests.latency import set_latency
from tradai_iac.blueprints import BLUEPRINTS
from tradai_runner.bucket.keys import state_key
from tradai_runner.journal.local import ProcessMark, RunJournal, is_alive
from tradai_runner.process.writes import CRASH, CRASH_DIR
from tradai_sandbox import credentials, lifecycle, processes
from tradai_sandbox.layout import Layout
from tradai_sandbox.services import Context, operator
from tradai_sandbox.state import load
from tradai_sandbox.status import environment
from tradai_sandbox.variables import inherited

BUCKET = "tradai-pulumi-state-dev"
PATIENCE = 240.0
#: How the command of a state port names it, today and in older trees.
PORTS = {"tradai_runner.stateport", "tradai_iac.runner.stateport"}


@dataclass
class Operator:
    """One operator process."""

    mark: ProcessMark

    @property
    def alive(self) -> bool:
        """Whether it lives."""
        processes.reap()
        return is_alive(self.mark)

    def kill(self) -> None:
        """kill -9."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.mark.pid, signal.SIGKILL)
        processes.wait(lambda: not self.alive, 30)


@dataclass
class Site:
    """Everything that one group of rows plays on."""

    root: Path
    proxy: Proxy
    deployed: Deployed
    operators: list[Operator] = field(default_factory=list)

    @staticmethod
    def open(root: Path) -> "Site":
        """A sandbox without operator, and a proxy before its AWS endpoint."""
        lifecycle.up(root, print, with_operator=False)
        env = environment(root)
        proxy = Proxy(env["AWS_ENDPOINT_URL"])
        env["AWS_ENDPOINT_URL"] = proxy.url
        (root / "crashes").mkdir()
        return Site(root, proxy, Deployed(Layout(root), env))

    def close(self) -> None:
        """Ends everything."""
        self.end_operators()
        lifecycle.down(self.root, print)
        self.proxy.close()

    @cached_property
    def context(self) -> Context:
        """The sandbox as its services see it."""
        layout = Layout(self.root)
        state = load(layout.state)
        assert state is not None
        return Context(layout, state.ports, credentials.ensure(layout.credentials))

    @property
    def folder(self) -> Path:
        """Where crashes leave their marks."""
        return self.root / "crashes"

    def start(self, *crashes: str, **variables: str) -> Operator:
        """An operator, and waits until it is ready or has died of a crash."""
        env = inherited() | dict(operator.SERVICE.environment(self.context)) | variables
        env |= {"AWS_ENDPOINT_URL": self.proxy.url, processes.MARKER: str(self.root)}
        env |= self.armed(*crashes)
        log = Layout(self.root).log(f"operator-{len(self.operators)}")
        mark = processes.spawn(operator.SERVICE.command(self.context), env, log, self.root)
        one = Operator(mark)
        self.operators.append(one)
        ready = processes.wait(lambda: not one.alive or operator.SERVICE.ready(self.context), PATIENCE)
        assert ready, log.read_text()[-3000:]
        return one

    def armed(self, *crashes: str) -> dict[str, str]:
        """The variables that let a process die of these."""
        return {CRASH: ",".join(crashes), CRASH_DIR: str(self.folder)}

    def crashed(self, crash: str) -> bool:
        """Whether it has happened."""
        return (self.folder / crash.replace(":", "_")).exists()

    def dies_of(self, crash: str, **variables: str) -> None:
        """An operator that lives until then."""
        one = self.start(crash, **variables)
        self.until(f"{crash} to happen", lambda: not one.alive)
        assert self.crashed(crash), "it died of something else"

    def end_operators(self) -> None:
        """kill -9 of each that lives."""
        for one in self.operators:
            one.kill()

    def forget_crashes(self, who: str) -> None:
        """Marks of what happened before, so that the same can happen again."""
        for mark in self.folder.glob(f"{who}_*"):
            mark.unlink()

    def write_log(self) -> Counter[str]:
        """How often each point was passed: `operator cluster.status`."""
        log = self.folder / "writes.txt"
        return Counter(log.read_text().splitlines()) if log.exists() else Counter()

    def end(self, name: str) -> None:
        """kill -9 of one process of the sandbox."""
        state = load(Layout(self.root).state)
        assert state is not None
        mark = state.processes[name].mark
        os.kill(mark.pid, signal.SIGKILL)
        processes.wait(lambda: not is_alive(mark), 30)

    def again(self) -> None:
        """Starts what does not run."""
        lifecycle.up(self.root, print)

    def outage(self, seconds: float) -> None:
        """Leaves what was ended so for as long as is said."""
        time.sleep(seconds)

    def journals(self) -> list[RunJournal]:
        """The journals of all runs that are kept."""
        return [RunJournal(path.parent) for path in self.root.glob("journal/*/*/*/request.json")]

    def runners(self, stage: str) -> list[RunJournal]:
        """The journals of the runs of an environment that live."""
        return [j for j in self.journals() if j.request().environment == stage and is_alive(j.process())]

    def engines(self, stage: str) -> list[psutil.Process]:
        """The engines that work for an environment, also those whose runner is dead."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                ours = process.environ().get(processes.MARKER) == str(self.root)
                if ours and process.name() == "pulumi" and "--stack" in words and stage in words:
                    found.append(process)
        return found

    def kill_engine(self, stage: str) -> int:
        """kill -9 of the engines of an environment; how many there were."""
        engines = self.engines(stage)
        for engine in engines:
            with contextlib.suppress(psutil.NoSuchProcess):
                engine.kill()
        return len(engines)

    def ports(self, stage: str) -> list[psutil.Process]:
        """The state ports of an environment."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                words = process.cmdline()
                ours = process.environ().get(processes.MARKER) == str(self.root)
                if ours and PORTS & set(words) and words[-1].endswith(f"/{stage}"):
                    found.append(process)
        return found

    def kill_port(self, stage: str) -> int:
        """kill -9 of the state ports of an environment, with what they remember; how many there were."""
        ports = self.ports(stage)
        for port in ports:
            with contextlib.suppress(psutil.NoSuchProcess):
                port.kill()
        return len(ports)

    def lose_memory(self, stage: str) -> int:
        """kill -9 of engine and port at once: nothing that the bucket does not have is left; how many engines."""
        self.kill_port(stage)
        return self.kill_engine(stage)

    def kill_run(self, stage: str) -> int:
        """kill -9 of runner and engine; how many runners there were."""
        marks = [mark for journal in self.runners(stage) if (mark := journal.process())]
        for mark in marks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(mark.pid, signal.SIGKILL)
        self.kill_engine(stage)
        return len(marks)

    def kill_host(self, stage: str) -> None:
        """kill -9 of port, runner and engine: what waited in the port is nowhere."""
        self.kill_port(stage)
        self.kill_run(stage)

    def lose_run(self, stage: str) -> None:
        """The same, and of the operators first, so that nobody begins another."""
        self.end_operators()
        self.kill_host(stage)

    # what there is

    def state(self, project: str, stage: str) -> dict[str, Any]:
        """The newest state of a stack, empty where there is none."""
        s3 = self.deployed.clients("s3")
        try:
            body = s3.get_object(Bucket=BUCKET, Key=state_key(project, stage))["Body"].read()
        except s3.exceptions.NoSuchKey:
            return {}
        latest: dict[str, Any] = json.loads(body)["checkpoint"].get("latest") or {}
        return latest

    def locks(self) -> list[str]:
        """The keys of all locks."""
        found = self.deployed.clients("s3").list_objects_v2(Bucket=BUCKET, Prefix=".pulumi/locks/")
        return [each["Key"] for each in found.get("Contents", [])]

    def locks_of(self, stage: str) -> list[str]:
        """Those of an environment."""
        return [key for key in self.locks() if f"/{stage}/" in key]

    def unfinished(self, stage: str) -> list[str]:
        """The probes and repairs of an environment that nobody has put away."""
        s3 = self.deployed.clients("s3")
        pages = [s3.list_objects_v2(Bucket=BUCKET, Prefix=f".tradai/{kind}/") for kind in ("preflight", "repairs")]
        keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
        return [key for key in keys if stage in key]

    def names(self, blueprint: str, stage: str) -> Counter[str]:
        """How often the states of an environment have each resource of AWS: `aws:sqs/queue:Queue id`."""
        found = [self.state(BLUEPRINTS[blueprint].stack_project(x.name), stage) for x in BLUEPRINTS[blueprint].layers]
        assert not any(state.get("pending_operations") for state in found)
        resources = [each for state in found for each in state.get("resources", [])]
        assert not any(each.get("delete") for each in resources), "a replaced resource still waits for its deletion"
        cloud = [each for each in resources if each.get("custom") and each["type"].startswith("aws:")]
        return Counter(f"{each['type']} {each['id']}" for each in cloud)

    def slow(self, wait: str) -> None:
        """Every AWS call takes that long from now on: `250ms`."""
        set_latency(self.proxy.upstream, wait)

    def until(self, what: str, condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Waits for a condition."""
        return self.deployed.until(what, condition, patience)
